import type { ReactNode } from 'react'
import { Num } from '../../show/show.tsx'
import { rich } from '../../text/text.tsx'
import type { HouseInstrument } from './data.ts'
import type { Draft } from './draft.ts'
import type { Question } from './estimate.ts'

/** The whole of it in words. */
export const Sentence = (props: {
  draft: Draft
  question: Question
  total: string | null
  instrument: HouseInstrument
}): ReactNode => (
  <span className="[&_.text-text-2]:text-current!">
    {rich(props.draft.side === 'buy' ? 'ticket.do.buy' : 'ticket.do.sell', {
      quantity: (
        <Num key="q" value={props.question.quantity} step={props.instrument.lot} unit={props.instrument.base} />
      ),
      total: <Num key="t" value={props.total} decimals={2} unit={props.instrument.quote} />,
    })}
  </span>
)
