import { hasText, t } from '../../text/text.tsx'
import { causeOf } from './cause.ts'

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
