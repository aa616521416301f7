import { useEffect } from 'react'
import { t, useLanguage } from '../text/text.tsx'

/** The mode comes first, so that a row of browser tabs cannot be mistaken. */
export function useTitle(name: string): void {
  const language = useLanguage()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the mode's name follows the language
  useEffect(() => {
    document.title = `${t('mode.paper')} · ${name} · Bourse`
  }, [name, language])
}
