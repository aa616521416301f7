import { useSyncExternalStore } from 'react'

/** From this width on, everything of the desk is side by side; below, the market's parts are tabs. */
const query = matchMedia('(min-width: 1100px)')

export const useWide = (): boolean =>
  useSyncExternalStore(
    listener => {
      query.addEventListener('change', listener)
      return () => query.removeEventListener('change', listener)
    },
    () => query.matches,
  )
