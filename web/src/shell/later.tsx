import { type ComponentType, type ReactNode, use } from 'react'

type Load<P> = () => Promise<{ default: ComponentType<P> }>

/**
 * A part whose code is fetched when it is first wanted, or before by `preload`. Unlike `lazy`, a fetch that failed is
 * tried again the next time, so that a short loss of the server breaks nothing for good.
 */
export function later<P extends object>(load: Load<P>): ((props: P) => ReactNode) & { preload: () => Promise<void> } {
  let Loaded: ComponentType<P> | undefined
  let underway: Promise<void> | undefined
  const preload = (): Promise<void> => {
    underway ??= load().then(
      module => {
        Loaded = module.default
      },
      error => {
        underway = undefined
        throw error
      },
    )
    return underway
  }
  const Part = (props: P): ReactNode => {
    if (!Loaded) use(preload())
    return Loaded ? <Loaded {...props} /> : null
  }
  return Object.assign(Part, { preload })
}

const QUIET_MS = 2_000

/** Fetches what may be wanted next, once the page is quiet: then it works without the server too. */
export function preloadLater(parts: readonly { preload: () => Promise<void> }[]): void {
  setTimeout(() => {
    const next = ([part, ...rest]: typeof parts): void => {
      if (!part) return
      part.preload().then(
        () => next(rest),
        () => undefined,
      )
    }
    next(parts)
  }, QUIET_MS)
}
