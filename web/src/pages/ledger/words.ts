import { hasText, t } from '../../text/text.tsx'

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

/** The kind of a journal in words. */
export const journalKind = (kind: string): string => {
  const key = `journal.kind.${kind}`
  return hasText(key) ? t(key) : kind
}

/** What happened and where, as one sentence. */
export function causeText(journal: string, cause: string | null): string {
  const what = journalKind(journal)
  if (cause === null) return what
  const found = causeOf(cause)
  switch (found.kind) {
    case 'command':
      return t('cause.command', { what, command: found.command, shard: found.shard })
    case 'fees':
      return found.first === found.last
        ? t('cause.fee', { what, command: found.first, shard: found.shard })
        : t('cause.fees', { what, first: found.first, last: found.last, shard: found.shard })
    case 'endowment':
      return t('cause.endowment', { what, owner: found.owner })
    case 'transfer':
      return what
    case 'other':
      return t('cause.other', { what, text: found.text })
  }
}
