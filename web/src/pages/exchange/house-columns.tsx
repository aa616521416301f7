import { type ReactNode, useMemo } from 'react'
import type { HouseFillView, HouseOrderView, InstrumentView } from '../../contract.ts'
import { minus } from '../../show/decimal.ts'
import { Ago, Num, Sym, Time } from '../../show/show.tsx'
import { isoOf } from '../../show/time.ts'
import { hasText, t, useLanguage } from '../../text/text.tsx'
import type { Column } from '../../ui/table.tsx'
import { pairOf, useInstrumentMap } from '../shared/instruments.ts'
import { SideWord } from '../shared/order-state.tsx'
import { isWorking } from './house-book.ts'

const STATE_COLOUR: Partial<Record<HouseOrderView['state'], string>> = { filled: 'text-ok', open: '', waiting: '' }

/** The word says it; the dot is hollow for what is over. */
const HouseState = ({ state }: { state: HouseOrderView['state'] }): ReactNode => (
  <span className={`inline-flex items-center gap-1.5 ${STATE_COLOUR[state] ?? 'text-text-2'}`} data-state={state}>
    <span
      aria-hidden="true"
      className={`size-1.5 rounded-full border border-current ${isWorking({ state }) ? 'bg-current' : ''}`}
    />
    {t(`houseState.${state}`)}
  </span>
)

const reasonText = (reason: string): string => {
  const key = `cancelReason.${reason}`
  return hasText(key) ? t(key) : reason
}

type Steps = ReadonlyMap<string, InstrumentView>

function common(steps: Steps): Column<HouseOrderView>[] {
  return [
    {
      key: 'instrument',
      label: t('order.instrument'),
      value: row => row.instrument,
      cell: row => <Sym>{pairOf(row.instrument)}</Sym>,
    },
    { key: 'side', label: t('order.side'), value: row => row.side, cell: row => <SideWord side={row.side} /> },
    {
      key: 'type',
      label: t('order.type'),
      value: row => row.type,
      cell: row => `${t(`orderType.${row.type}`)}${row.postOnly ? ` · ${t('ticket.postOnly')}` : ''}`,
      wide: 'lg',
    },
    {
      key: 'life',
      label: t('ticket.life'),
      value: row => row.timeInForce,
      cell: row =>
        row.expireAt === null ? t(`life.${row.timeInForce}`) : <Time at={row.expireAt} precision="minutes" />,
      wide: 'xl',
    },
    {
      key: 'price',
      label: t('order.price'),
      numeric: true,
      value: row => row.price ?? row.triggerPrice,
      cell: row =>
        row.price === null && row.triggerPrice === null ? (
          t('order.atMarket')
        ) : (
          <Num value={row.price ?? row.triggerPrice} step={steps.get(row.instrument)?.tick} />
        ),
    },
    {
      key: 'trigger',
      label: t('ticket.trigger'),
      numeric: true,
      value: row => row.triggerPrice,
      cell: row => <Num value={row.triggerPrice} step={steps.get(row.instrument)?.tick} />,
      wide: 'xl',
    },
    {
      key: 'quantity',
      label: t('order.quantity'),
      numeric: true,
      value: row => row.quantity,
      cell: row => <Num value={row.quantity} step={steps.get(row.instrument)?.lot} />,
    },
    {
      key: 'filled',
      label: t('order.filled'),
      numeric: true,
      value: row => row.filled,
      cell: row => <Num value={row.filled} step={steps.get(row.instrument)?.lot} />,
      wide: 'sm',
    },
  ]
}

const created: () => Column<HouseOrderView> = () => ({
  key: 'createdAt',
  label: t('order.created'),
  value: row => isoOf(row.createdAt),
  cell: row => <Ago at={row.createdAt} />,
  wide: 'md',
})

/** What works, with what can be done about it. */
export function useOpenColumns(actions: (row: HouseOrderView) => ReactNode): Column<HouseOrderView>[] {
  const language = useLanguage()
  const steps = useInstrumentMap()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the headings follow the language
  return useMemo(
    () => [
      created(),
      ...common(steps),
      {
        key: 'remaining',
        label: t('order.remaining'),
        numeric: true,
        value: row => minus(row.quantity, row.filled),
        cell: row => <Num value={minus(row.quantity, row.filled)} step={steps.get(row.instrument)?.lot} />,
        wide: 'lg',
      },
      {
        key: 'state',
        label: t('order.state'),
        value: row => row.state,
        cell: row => <HouseState state={row.state} />,
        wide: 'md',
      },
      { key: 'actions', label: t('house.actions'), numeric: true, cell: actions },
    ],
    [steps, language, actions],
  )
}

export function useClosedColumns(): Column<HouseOrderView>[] {
  const language = useLanguage()
  const steps = useInstrumentMap()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the headings follow the language
  return useMemo(
    () => [
      created(),
      ...common(steps),
      {
        key: 'averagePrice',
        label: t('order.average'),
        numeric: true,
        value: row => row.averagePrice,
        cell: row => <Num value={row.averagePrice} step={steps.get(row.instrument)?.tick} />,
        wide: 'md',
      },
      {
        key: 'fees',
        label: t('order.fees'),
        numeric: true,
        value: row => row.fees,
        cell: row => <Num value={row.fees} decimals={4} unit={steps.get(row.instrument)?.quote} />,
        wide: 'lg',
      },
      { key: 'state', label: t('order.state'), value: row => row.state, cell: row => <HouseState state={row.state} /> },
      {
        key: 'reason',
        label: t('order.reason'),
        value: row => row.reason,
        cell: row => <bdi dir="auto">{row.reason ? reasonText(row.reason) : ''}</bdi>,
        wide: 'xl',
      },
    ],
    [steps, language],
  )
}

export function useHouseFillColumns(): Column<HouseFillView>[] {
  const language = useLanguage()
  const steps = useInstrumentMap()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the headings follow the language
  return useMemo(
    () => [
      { key: 'at', label: t('fill.at'), value: row => isoOf(row.at), cell: row => <Ago at={row.at} /> },
      {
        key: 'instrument',
        label: t('order.instrument'),
        value: row => row.instrument,
        cell: row => <Sym>{pairOf(row.instrument)}</Sym>,
      },
      { key: 'side', label: t('order.side'), value: row => row.side, cell: row => <SideWord side={row.side} /> },
      {
        key: 'price',
        label: t('order.price'),
        numeric: true,
        value: row => row.price,
        cell: row => <Num value={row.price} step={steps.get(row.instrument)?.tick} />,
      },
      {
        key: 'quantity',
        label: t('order.quantity'),
        numeric: true,
        value: row => row.quantity,
        cell: row => <Num value={row.quantity} step={steps.get(row.instrument)?.lot} />,
      },
      {
        key: 'fee',
        label: t('fill.fee'),
        numeric: true,
        value: row => row.fee,
        cell: row => <Num value={row.fee} decimals={4} unit={row.feeAsset} />,
        wide: 'md',
      },
      {
        key: 'liquidity',
        label: t('fill.liquidity'),
        value: row => row.liquidity,
        cell: row => t(`houseLiquidity.${row.liquidity}`),
        wide: 'lg',
      },
    ],
    [steps, language],
  )
}
