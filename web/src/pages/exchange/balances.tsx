import { type ReactNode, useMemo, useState } from 'react'
import type { HouseBalanceView } from '../../contract.ts'
import { may } from '../../session/session.ts'
import { Num, Sym } from '../../show/show.tsx'
import { t, useLanguage } from '../../text/text.tsx'
import { Note, Panel, Skeleton } from '../../ui/panel.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { useBalances, useWallet } from './data.ts'
import { TransferDialog } from './transfer.tsx'

interface Row extends HouseBalanceView {
  readonly wallet: string | undefined
}

/** More decimals than these are a matter of the ledger; the whole amount is what is copied and exported. */
const SHOWN_DECIMALS = 4

/** What is on the exchange, and what is in the wallet beside it. */
export function Balances({ asset, className }: { asset: string; className: string }): ReactNode {
  const language = useLanguage()
  const balances = useBalances()
  const wallet = useWallet().data
  const [isMoving, setMoving] = useState(false)
  const rows = useMemo(() => {
    if (!balances) return undefined
    const inWallet = new Map((wallet?.items ?? []).map(item => [item.asset, item.balance]))
    const here = balances.map((balance): Row => ({ ...balance, wallet: inWallet.get(balance.asset) }))
    const known = new Set(balances.map(({ asset }) => asset))
    const onlyThere = [...inWallet].filter(([asset]) => !known.has(asset))
    return [...here, ...onlyThere.map(([asset, amount]): Row => ({ asset, available: '0', held: '0', wallet: amount }))]
  }, [balances, wallet])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the headings follow the language
  const columns = useMemo((): Column<Row>[] => {
    const amount = (key: 'available' | 'held' | 'wallet', label: string): Column<Row> => ({
      key,
      label,
      numeric: true,
      value: row => row[key],
      cell: row => (
        <span title={row[key]} data-testid={`balance-${row.asset}-${key}`}>
          <Num value={row[key]} decimals={SHOWN_DECIMALS} />
        </span>
      ),
    })
    return [
      { key: 'asset', label: t('balance.asset'), value: row => row.asset, cell: row => <Sym>{row.asset}</Sym> },
      amount('available', t('balance.available')),
      amount('held', t('balance.held')),
      amount('wallet', t('balance.wallet')),
    ]
  }, [language])
  return (
    <Panel
      title={t('balance.title')}
      className={className}
      needs="portfolio:read"
      testId="balances"
      tools={
        may('orders:write') && (
          <button type="button" className="btn" onClick={() => setMoving(true)} data-testid="transfer-open">
            {t('transfer.open')}
          </button>
        )
      }
    >
      {!rows ? (
        <Skeleton rows={5} />
      ) : (
        <Table
          label={t('balance.title')}
          rows={rows}
          columns={columns}
          rowKey={row => row.asset}
          rowTestId="balance"
          empty={<Note>{t('balance.empty')}</Note>}
        />
      )}
      {isMoving && <TransferDialog balances={rows ?? []} asset={asset} onClose={() => setMoving(false)} />}
    </Panel>
  )
}
