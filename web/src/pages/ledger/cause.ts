/** What a journal was posted for, read out of its cause; `other` is shown as it came. */
export type Cause =
  | { readonly kind: 'command'; readonly shard: string; readonly command: string }
  | { readonly kind: 'fees'; readonly shard: string; readonly first: string; readonly last: string }
  | { readonly kind: 'transfer'; readonly id: string }
  | { readonly kind: 'endowment'; readonly owner: string }
  | { readonly kind: 'other'; readonly text: string }

/** @example causeOf('exchange/0/1234') → a command, number 1234 of shard 0 */
export function causeOf(text: string): Cause {
  const fees = /^exchange\/(\d+)\/fees\/(\d+)-(\d+)$/.exec(text)
  if (fees) return { kind: 'fees', shard: fees[1] as string, first: fees[2] as string, last: fees[3] as string }
  const command = /^exchange\/(\d+)\/(\d+)$/.exec(text)
  if (command) return { kind: 'command', shard: command[1] as string, command: command[2] as string }
  const transfer = /^transfer\/([0-9a-f-]{36})$/.exec(text)
  if (transfer) return { kind: 'transfer', id: transfer[1] as string }
  const endowment = /^demo\/(.+)$/.exec(text)
  if (endowment) return { kind: 'endowment', owner: endowment[1] as string }
  return { kind: 'other', text }
}
