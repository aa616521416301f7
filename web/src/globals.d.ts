/** The version of this build, put in by Vite. */
declare const __BUILD__: string
