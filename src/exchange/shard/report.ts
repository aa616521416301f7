import type { Lots, Micros, Side, Ticks } from '../../kernel/index.ts'
import type { EngineCancelReason, EngineRefusal, Phase, ReportSink, TradeReport } from '../../matching/index.ts'

/** A report of the engine as a value; see `ReportSink` for what each one means. */
export type Report =
  | { readonly type: 'refused'; readonly account: number; readonly reason: EngineRefusal }
  | { readonly type: 'repeated'; readonly order: number; readonly account: number }
  | {
      readonly type: 'accepted'
      readonly order: number
      readonly account: number
      readonly instrument: number
      readonly side: Side
      readonly price: Ticks
      readonly open: Lots
    }
  | ({ readonly type: 'traded' } & Readonly<TradeReport>)
  | {
      readonly type: 'canceled'
      readonly order: number
      readonly account: number
      readonly instrument: number
      readonly open: Lots
      readonly reason: EngineCancelReason
    }
  | {
      readonly type: 'amended'
      readonly order: number
      readonly account: number
      readonly instrument: number
      readonly price: Ticks
      readonly open: Lots
      readonly keptPriority: boolean
    }
  | { readonly type: 'triggered'; readonly order: number; readonly account: number; readonly instrument: number }
  | {
      readonly type: 'shown'
      readonly order: number
      readonly instrument: number
      readonly side: Side
      readonly price: Ticks
      readonly visible: Lots
      readonly isNew: boolean
    }
  | { readonly type: 'phased'; readonly instrument: number; readonly phase: Phase; readonly until: Micros }
  | { readonly type: 'indicated'; readonly instrument: number; readonly price: Ticks; readonly quantity: Lots }
  | { readonly type: 'moved'; readonly account: number; readonly asset: number; readonly amount: number }

/** What came of one command, in order. The first report says whether it was taken. */
export type Reports = readonly Report[]

/** A sink that keeps everything; `take` gives what came since the last time. */
export function keepReports(): ReportSink & { take(): Reports } {
  let kept: Report[] = []
  return {
    take() {
      const taken = kept
      kept = []
      return taken
    },
    refused: (account, reason) => void kept.push({ type: 'refused', account, reason }),
    repeated: (order, account) => void kept.push({ type: 'repeated', order, account }),
    accepted: (order, account, instrument, side, price, open) =>
      void kept.push({ type: 'accepted', order, account, instrument, side, price, open }),
    traded: trade => void kept.push({ type: 'traded', ...trade }),
    canceled: (order, account, instrument, open, reason) =>
      void kept.push({ type: 'canceled', order, account, instrument, open, reason }),
    amended: (order, account, instrument, price, open, keptPriority) =>
      void kept.push({ type: 'amended', order, account, instrument, price, open, keptPriority }),
    triggered: (order, account, instrument) => void kept.push({ type: 'triggered', order, account, instrument }),
    shown: (order, instrument, side, price, visible, isNew) =>
      void kept.push({ type: 'shown', order, instrument, side, price, visible, isNew }),
    phased: (instrument, phase, until) => void kept.push({ type: 'phased', instrument, phase, until }),
    indicated: (instrument, price, quantity) => void kept.push({ type: 'indicated', instrument, price, quantity }),
    moved: (account, asset, amount) => void kept.push({ type: 'moved', account, asset, amount }),
  }
}

export const refusalOf = (reports: Reports): EngineRefusal | null => {
  const refused = reports.find(report => report.type === 'refused')
  return refused?.type === 'refused' ? refused.reason : null
}
