import type { ReactNode } from 'react'
import type { AccountView } from '../../contract.ts'
import { readSession } from '../../session/session.ts'
import { Sym } from '../../show/show.tsx'
import { t } from '../../text/text.tsx'
import { useAccount } from './data.ts'

/** An owner as people call them; oneself by one's name. */
export function ownerName(owner: string): string {
  const { principal } = readSession()
  return principal?.id === owner ? principal.name : owner
}

export const kindName = (kind: AccountView['kind']): string => t(`accountKind.${kind}`)

/** Whose it is and what for: "Wallet of Demo trader, USD". */
export const accountTitle = ({ kind, owner, asset }: Pick<AccountView, 'kind' | 'owner' | 'asset'>): string =>
  t('account.title', { kind: kindName(kind), owner: ownerName(owner), asset })

/** The same for an account of which only the id is known. */
export function AccountName({ id }: { id: string }): ReactNode {
  const { data } = useAccount(id)
  return data ? <bdi>{accountTitle(data)}</bdi> : <Sym mono>{id.slice(-8)}</Sym>
}
