import { useSyncExternalStore } from 'react'
import type { Digits } from '../show/number.ts'
import type { Calendar, Zone } from '../show/time.ts'

/** How this person likes to read; kept in this browser. Nothing here is secret. */
export interface Settings {
  readonly language: 'en' | 'fa' | 'en-XA'
  readonly theme: 'system' | 'light' | 'dark'
  readonly density: 'compact' | 'default' | 'comfortable'
  readonly digits: Digits
  readonly calendar: Calendar
  readonly zone: Zone
  /** Of up and down: blue/orange, green/red, red/green. */
  readonly colours: 'blue' | 'green' | 'red'
  /** Whether single keys act (WCAG 2.1.4). */
  readonly keys: boolean
}

const KEY = 'bourse.settings'
export const DENSITIES = ['compact', 'default', 'comfortable'] as const

const DEFAULTS: Settings = {
  language: 'en',
  theme: 'system',
  density: 'default',
  digits: 'latin',
  calendar: 'gregorian',
  zone: 'utc',
  colours: 'blue',
  keys: true,
}

function load(): Settings {
  const language = document.documentElement.lang === 'fa' ? 'fa' : 'en'
  try {
    return { ...DEFAULTS, language, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Settings>) }
  } catch {
    return { ...DEFAULTS, language }
  }
}

let current: Settings = load()
const listeners = new Set<() => void>()

function apply(): void {
  const root = document.documentElement
  root.lang = current.language
  root.dir = current.language === 'fa' ? 'rtl' : 'ltr'
  root.dataset.theme = current.theme
  root.dataset.density = current.density
  root.dataset.colours = current.colours
}

export const settings = (): Settings => current

export function changeSettings(change: Partial<Settings>): void {
  current = { ...current, ...change }
  try {
    localStorage.setItem(KEY, JSON.stringify(current))
  } catch {
    // A private window may refuse; the choice then lasts as long as the page.
  }
  apply()
  for (const listener of listeners) listener()
}

export const onSettings = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const useSettings = (): Settings => useSyncExternalStore(onSettings, settings)
apply()
