import { type Node, parseMessage } from './message.ts'

const ACCENTS: Record<string, string> = {
  a: 'á',
  e: 'é',
  i: 'í',
  o: 'ó',
  u: 'ú',
  A: 'Á',
  E: 'É',
  I: 'Í',
  O: 'Ó',
  U: 'Ú',
  c: 'ç',
  n: 'ñ',
  s: 'š',
  y: 'ý',
}

/** English made 40 % longer and visibly strange, to find texts that are cut off or not in the catalogue. */
export function pseudo(source: string): readonly Node[] {
  const nodes = parseMessage(source).map(strange)
  return ['[', ...nodes, `${'·'.repeat(Math.ceil(source.length * 0.4))}]`]
}

function strange(node: Node): Node {
  if (typeof node === 'string') return node.replace(/[a-zA-Z]/g, letter => ACCENTS[letter] ?? letter)
  if (node.kind !== 'plural' && node.kind !== 'select') return node
  const options = Object.fromEntries(Object.entries(node.options).map(([key, nodes]) => [key, nodes.map(strange)]))
  return { ...node, options }
}
