import { type ReactNode, useMemo, useState } from 'react'
import type { CandleView, InstrumentView } from '../../contract.ts'
import { Num, Time } from '../../show/show.tsx'
import { isoOf } from '../../show/time.ts'
import { t, useLanguage } from '../../text/text.tsx'
import { type Column, ExportButton, Table } from '../../ui/table.tsx'
import type { ChartFill } from './candles.ts'

/** The chart's numbers, newest first; held still until one asks for the present. */
export function CandleTable({
  candles,
  instrument,
  fills,
}: {
  candles: readonly CandleView[]
  instrument: InstrumentView
  fills: readonly ChartFill[]
}): ReactNode {
  const language = useLanguage()
  const [frozen, setFrozen] = useState(candles)
  const rows = useMemo(() => [...frozen].reverse(), [frozen])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the headings follow the language
  const columns = useMemo((): Column<CandleView>[] => {
    const price = (key: 'open' | 'high' | 'low' | 'close', label: string): Column<CandleView> => ({
      key,
      label,
      numeric: true,
      value: row => row[key],
      cell: row => <Num value={row[key]} step={instrument.tick} />,
    })
    return [
      {
        key: 'openAt',
        label: t('chart.table.time'),
        value: row => isoOf(row.openAt),
        cell: row => <Time at={row.openAt} precision="minutes" />,
      },
      price('open', t('chart.o.long')),
      price('high', t('chart.h.long')),
      price('low', t('chart.l.long')),
      price('close', t('chart.c.long')),
      {
        key: 'volume',
        label: t('chart.volume'),
        numeric: true,
        wide: 'sm',
        value: row => row.volume,
        cell: row => <Num value={row.volume} step={instrument.lot} />,
      },
    ]
  }, [language, instrument])
  return (
    <>
      <div className="flex flex-wrap items-center justify-end gap-2 px-3 py-1 text-text-2">
        <span className="me-auto">{t('chart.table.fills', { count: fills.length })}</span>
        <button type="button" className="btn" onClick={() => setFrozen(candles)}>
          {t('twin.refresh')}
        </button>
        <ExportButton name={`candles-${instrument.pair.replace('/', '-')}`} rows={rows} columns={columns} />
      </div>
      <Table
        label={t('chart.caption', { pair: instrument.pair })}
        rows={rows}
        columns={columns}
        rowKey={row => String(row.openAt)}
        empty={null}
      />
    </>
  )
}
