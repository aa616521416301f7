/** The one place that reads the machine's clock. Server time is ours plus the offset that the socket measures. */
let offsetMs = 0

export const localNowMs = (): number => Date.now()
export const setServerOffset = (ms: number): void => {
  offsetMs = ms
}
/** Microseconds UTC, as the server would say. */
export const serverNow = (): number => Math.round((Date.now() + offsetMs) * 1_000)
export const ageMs = (at: number): number => Math.max(0, (serverNow() - at) / 1_000)
