import type { EntryView } from '../../contract.ts'
import { Num, Sym, Time } from '../../show/show.tsx'
import { isoOf } from '../../show/time.ts'
import { t } from '../../text/text.tsx'
import type { Column } from '../../ui/table.tsx'

/** The lines of an account, each with what it held after it. */
export const entryColumns = (): Column<EntryView>[] => [
  {
    key: 'at',
    label: t('entry.at'),
    value: row => isoOf(row.at),
    cell: row => <Time at={row.at} precision="milliseconds" />,
  },
  {
    key: 'version',
    label: t('entry.version'),
    numeric: true,
    value: row => row.version,
    cell: row => <Num value={row.version} />,
    wide: 'md',
  },
  {
    key: 'amount',
    label: t('entry.amount'),
    numeric: true,
    value: row => row.amount,
    cell: row => <Num value={row.amount} sign="always" />,
  },
  {
    key: 'balance',
    label: t('entry.balance'),
    numeric: true,
    value: row => row.balance,
    cell: row => <Num value={row.balance} />,
    wide: 'sm',
  },
  {
    key: 'asset',
    label: t('balance.asset'),
    value: row => row.asset,
    cell: row => <Sym>{row.asset}</Sym>,
    wide: 'lg',
  },
]
