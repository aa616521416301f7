import type { ReactNode } from 'react'
import { compare, signOf } from '../../show/decimal.ts'
import { Num } from '../../show/show.tsx'
import { rich, t } from '../../text/text.tsx'
import type { HouseInstrument } from './data.ts'
import type { Estimate, Question } from './estimate.ts'

/** What the order would come to, before anything is sent. */
export function EstimateList(props: {
  question: Question
  found: Estimate
  instrument: HouseInstrument
  feesKnown: boolean
}): ReactNode {
  const { question, found, instrument, feesKnown } = props
  const { side, quantity, mayRest, fees } = question
  const asked = signOf(quantity) > 0
  const money = (value: string | null, decimals: number, testId: string): ReactNode => (
    <Num value={asked ? value : null} decimals={decimals} unit={instrument.quote} testId={testId} />
  )
  const price = (value: string | null, testId: string): ReactNode => (
    <Num value={asked ? value : null} step={instrument.tick} unit={instrument.quote} testId={testId} />
  )
  const lines: readonly (readonly [string, ReactNode])[] = [
    [t('ticket.average'), price(found.averagePrice, 'estimate-average')],
    [t('ticket.worst'), price(found.worstPrice, 'estimate-worst')],
    [
      t('ticket.fee'),
      <span key="fee">
        {feesKnown && (
          // The margin is on the side of the page's direction.
          <span className="me-2 inline-block text-text-2">
            <bdi dir="ltr">
              <Num value={fees.takerRate} percent /> / <Num value={fees.makerRate} percent />
            </bdi>
          </span>
        )}
        {money(feesKnown ? found.fee : null, 4, 'estimate-fee')}
      </span>,
    ],
    [t(side === 'buy' ? 'ticket.pay' : 'ticket.get'), money(found.total, 2, 'estimate-total')],
    [t(side === 'buy' ? 'ticket.payMost' : 'ticket.getLeast'), money(found.worstTotal, 2, 'estimate-worst-total')],
  ]
  const partly = asked && question.type !== 'stop' && question.type !== 'stop_limit' && signOf(found.left) > 0
  return (
    <div className="text-cell">
      <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5" data-testid="estimate">
        {lines.map(([name, value]) => (
          <div key={name} className="col-span-full grid grid-cols-subgrid">
            <dt className="text-text-2">{name}</dt>
            <dd className="text-end">{value}</dd>
          </div>
        ))}
      </dl>
      {partly && (
        <p className={`mt-1 ${mayRest ? 'text-text-2' : 'text-warn'}`} data-testid="estimate-left">
          {rich(
            mayRest ? (compare(found.left, quantity) === 0 ? 'ticket.restsAll' : 'ticket.rests') : 'ticket.cancels',
            {
              left: <Num value={found.left} step={instrument.lot} unit={instrument.base} />,
            },
          )}
        </p>
      )}
    </div>
  )
}
