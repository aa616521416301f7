import { useEffect, useMemo, useState } from 'react'
import { useSettings } from '../settings/settings.ts'

/** What a token amounts to now, as `rgb(…)`, for canvases, which know no CSS variables. */
export type Palette = (token: string, alpha?: number) => string

function resolver(): Palette {
  const probe = document.createElement('span')
  document.body.append(probe)
  probe.hidden = true
  const seen = new Map<string, string>()
  return (token, alpha) => {
    let colour = seen.get(token)
    if (!colour) {
      probe.style.color = `var(--${token})`
      document.body.append(probe)
      colour = getComputedStyle(probe).color
      probe.remove()
      seen.set(token, colour)
    }
    return alpha === undefined ? colour : colour.replace(/^rgb\((.*)\)$/, `rgba($1, ${alpha})`)
  }
}

/** Changes when the theme, the system's theme or the colours of up and down do. */
export function usePalette(): Palette {
  const { theme, colours } = useSettings()
  const [system, setSystem] = useState(0)
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)')
    const changed = (): void => setSystem(count => count + 1)
    query.addEventListener('change', changed)
    return () => query.removeEventListener('change', changed)
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: these decide what the tokens amount to
  return useMemo(resolver, [theme, colours, system])
}
