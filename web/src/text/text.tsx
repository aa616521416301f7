import { Fragment, type ReactNode, useSyncExternalStore } from 'react'
import { onSettings, settings } from '../settings/settings.ts'
import { formatNumber } from '../show/number.ts'
import { en, type Key as ShellKey } from './en.ts'
import type { enMoney } from './en-money.ts'
import { compose, type Node, parseMessage, type Values } from './message.ts'

export type Key = ShellKey | keyof typeof enMoney

/** Only English comes with the page, and of that what the shell and most pages say; see `addTexts`. */
const english: Partial<Record<Key, string>> = { ...en }
/** Another catalogue is whole, and fetched when it is chosen. */
let catalogue: Readonly<Partial<Record<Key, string>>> = english
/** A page that few open brings its English texts along. */
export const addTexts = (texts: Partial<Record<Key, string>>): void => void Object.assign(english, texts)
let readable: (source: string) => readonly Node[] = parseMessage
let language: string = 'en'
const parsed = new Map<Key, readonly Node[]>()
const listeners = new Set<() => void>()
let version = 0

async function load(): Promise<void> {
  const wanted = settings().language
  if (wanted === language) return
  const nextCatalogue = wanted === 'fa' ? (await import('./fa.ts')).fa : english
  const nextReader = wanted === 'en-XA' ? (await import('./pseudo.ts')).pseudo : parseMessage
  if (settings().language !== wanted) return
  catalogue = nextCatalogue
  readable = nextReader
  language = wanted
  parsed.clear()
  version++
  for (const listener of listeners) listener()
}

/** Resolves when the texts of the chosen language are there; the first paint waits for it. */
export const textsReady: Promise<void> = load().catch(() => undefined)
onSettings(() => void load().catch(() => undefined))

function nodesOf(key: Key): readonly Node[] {
  let nodes = parsed.get(key)
  if (!nodes) {
    nodes = readable(catalogue[key] ?? english[key] ?? key)
    parsed.set(key, nodes)
  }
  return nodes
}

/** Isolated, so that a number or a symbol keeps its own direction inside a right-to-left sentence. */
const isolate = (text: string): string => `\u2066${text}\u2069`
const plain = (value: number): string => isolate(formatNumber(value, { digits: settings().digits }))

/** A sentence as text, e.g. for a label. */
export function t(key: Key, values: Values<string> = {}): string {
  return compose<string>(nodesOf(key), values, language, plain).join('')
}

/** A sentence with components in it. */
export function rich(key: Key, values: Values<ReactNode>): ReactNode {
  const parts = compose<ReactNode>(nodesOf(key), values, language, plain)
  // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one sentence never change places
  return parts.map((part, index) => <Fragment key={index}>{part}</Fragment>)
}

export const hasText = (key: string): key is Key => key in english

/** Makes a component follow the language. */
export function useLanguage(): string {
  useSyncExternalStore(
    listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => version,
  )
  return language
}
