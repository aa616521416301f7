import { useMemo } from 'react'
import type { FillView, InstrumentView, OrderView } from '../../contract.ts'
import { Ago, Num } from '../../show/show.tsx'
import { isoOf } from '../../show/time.ts'
import { t, useLanguage } from '../../text/text.tsx'
import type { Column } from '../../ui/table.tsx'
import { useInstrumentMap } from './instruments.ts'
import { MarketName } from './market-name.tsx'
import { OrderState, SideWord } from './order-state.tsx'

type Steps = ReadonlyMap<string, InstrumentView>

function ordersColumns(steps: Steps): Column<OrderView>[] {
  return [
    {
      key: 'updatedAt',
      label: t('order.updated'),
      value: row => isoOf(row.updatedAt),
      cell: row => <Ago at={row.updatedAt} />,
      wide: 'md',
    },
    { key: 'run', label: t('order.run'), value: row => row.runName, cell: row => <bdi>{row.runName}</bdi>, wide: 'md' },
    {
      key: 'instrument',
      label: t('order.instrument'),
      value: row => row.instrument,
      cell: row => <MarketName id={row.instrument} />,
    },
    { key: 'side', label: t('order.side'), value: row => row.side, cell: row => <SideWord side={row.side} /> },
    {
      key: 'type',
      label: t('order.type'),
      value: row => row.type,
      cell: row => t(`orderType.${row.type}`),
      wide: 'lg',
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
    {
      key: 'averagePrice',
      label: t('order.average'),
      numeric: true,
      value: row => row.averagePrice,
      cell: row => <Num value={row.averagePrice} step={steps.get(row.instrument)?.tick} />,
      wide: 'lg',
    },
    { key: 'state', label: t('order.state'), value: row => row.state, cell: row => <OrderState state={row.state} /> },
    {
      key: 'reason',
      label: t('order.reason'),
      value: row => row.reason,
      cell: row => (
        <span className="inline-block max-w-64 truncate align-middle text-text-2" title={row.reason ?? undefined}>
          <bdi dir="auto">{row.reason ?? '—'}</bdi>
        </span>
      ),
      wide: 'lg',
    },
  ]
}

function fillsColumns(steps: Steps): Column<FillView>[] {
  return [
    { key: 'at', label: t('fill.at'), value: row => isoOf(row.at), cell: row => <Ago at={row.at} /> },
    { key: 'run', label: t('order.run'), value: row => row.runName, cell: row => <bdi>{row.runName}</bdi>, wide: 'md' },
    {
      key: 'instrument',
      label: t('order.instrument'),
      value: row => row.instrument,
      cell: row => <MarketName id={row.instrument} />,
      wide: 'sm',
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
      cell: row => <Num value={row.fee} unit={row.feeAsset} />,
      wide: 'md',
    },
    {
      key: 'liquidity',
      label: t('fill.liquidity'),
      value: row => row.liquidity,
      cell: row => t(`liquidity.${row.liquidity}`),
      wide: 'lg',
    },
  ]
}

/** The columns in the reader's language, with the decimals of each instrument. */
export function useOrderColumns(): Column<OrderView>[] {
  const language = useLanguage()
  const steps = useInstrumentMap()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the headings follow the language
  return useMemo(() => ordersColumns(steps), [steps, language])
}

export function useFillColumns(): Column<FillView>[] {
  const language = useLanguage()
  const steps = useInstrumentMap()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the headings follow the language
  return useMemo(() => fillsColumns(steps), [steps, language])
}
