/**
 * A small reader of ICU messages: `{name}`, `{n, plural, =0 {…} one {…} other {# …}}` and `{x, select, a {…} other {…}}`.
 * Values may be anything; what is not a text becomes a part of its own, so that components can stand inside sentences.
 */
export type Node =
  | string
  | { readonly name: string; readonly kind: 'value' | 'hash' }
  | {
      readonly name: string
      readonly kind: 'plural' | 'select'
      readonly options: Readonly<Record<string, readonly Node[]>>
    }

export type Values<T> = Readonly<Record<string, string | number | T>>

const NAME = /^\s*([\w-]+)\s*/

export function parseMessage(source: string): readonly Node[] {
  let index = 0

  function block(hash: string | undefined, nested: boolean): Node[] {
    const nodes: Node[] = []
    let text = ''
    const flush = (): void => {
      if (text) nodes.push(text)
      text = ''
    }
    while (index < source.length) {
      const char = source[index] as string
      if (char === '}' && nested) break
      index++
      if (char === '#' && hash !== undefined) {
        flush()
        nodes.push({ name: hash, kind: 'hash' })
      } else if (char === '{') {
        flush()
        nodes.push(argument())
      } else text += char
    }
    flush()
    return nodes
  }

  function word(): string {
    const match = NAME.exec(source.slice(index))
    if (!match) throw new Error(`A name is missing at ${index} in: ${source}`)
    index += match[0].length
    return match[1] as string
  }

  function take(char: string): void {
    if (source[index] !== char) throw new Error(`"${char}" is missing at ${index} in: ${source}`)
    index++
  }

  function argument(): Node {
    const name = word()
    if (source[index] === '}') {
      index++
      return { name, kind: 'value' }
    }
    take(',')
    const kind = word()
    if (kind !== 'plural' && kind !== 'select') throw new Error(`"${kind}" is not known here: ${source}`)
    take(',')
    const options: Record<string, Node[]> = {}
    for (;;) {
      while (/\s/.test(source[index] ?? '')) index++
      if (source[index] === '}') break
      const exact = source[index] === '='
      if (exact) index++
      const key = (exact ? '=' : '') + word()
      take('{')
      options[key] = block(kind === 'plural' ? name : undefined, true)
      take('}')
    }
    take('}')
    if (!options.other) throw new Error(`"other" is missing in: ${source}`)
    return { name, kind, options }
  }

  return block(undefined, false)
}

/** The parts of the sentence, in order; `number` writes the plain numbers. */
export function compose<T>(
  nodes: readonly Node[],
  values: Values<T>,
  locale: string,
  number: (value: number) => string | T,
): (string | T)[] {
  const parts: (string | T)[] = []
  for (const node of nodes) {
    if (typeof node === 'string') {
      parts.push(node)
      continue
    }
    const value = values[node.name]
    if (!('options' in node)) {
      if (value !== undefined) parts.push(typeof value === 'number' ? number(value) : value)
      continue
    }
    const chosen =
      node.kind === 'select'
        ? node.options[String(value)]
        : (node.options[`=${String(value)}`] ?? node.options[rulesFor(locale).select(Number(value))])
    parts.push(...compose(chosen ?? node.options.other ?? [], values, locale, number))
  }
  return parts
}

const rules = new Map<string, Intl.PluralRules>()
function rulesFor(locale: string): Intl.PluralRules {
  let found = rules.get(locale)
  if (!found) {
    found = new Intl.PluralRules(locale)
    rules.set(locale, found)
  }
  return found
}
