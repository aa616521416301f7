import { type ComponentType, type ReactNode, useEffect, useState } from 'react'

type Load<P> = () => Promise<{ default: ComponentType<P> }>

/**
 * A part whose code is fetched when it is first wanted, or before by `preload`; until it is there, `fallback` holds its
 * place. Unlike `lazy`, a fetch that failed is tried again the next time, so that a short loss of the server breaks nothing
 * for good, and it does not suspend: React retries what has suspended at its lowest priority, and on a slow machine a page
 * that moves twenty times a second would keep a kill dialog waiting.
 */
export function later<P extends object>(
  load: Load<P>,
  fallback: ReactNode = null,
): ((props: P) => ReactNode) & { preload: () => Promise<void> } {
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
    const [isHere, setHere] = useState(Loaded !== undefined)
    const [failure, setFailure] = useState<unknown>()
    useEffect(() => {
      if (isHere) return
      let isWanted = true
      preload().then(
        () => isWanted && setHere(true),
        error => isWanted && setFailure(error),
      )
      return () => {
        isWanted = false
      }
    }, [isHere])
    // The nearest boundary says it, and offers another try.
    if (failure !== undefined) throw failure
    return Loaded ? <Loaded {...props} /> : fallback
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
