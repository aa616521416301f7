import type { ReactNode } from 'react'
import type { OrderView } from '../../contract.ts'
import { isOpen } from '../../feed/folds.ts'
import { t } from '../../text/text.tsx'

type State = OrderView['state']

const COLOUR: Partial<Record<State, string>> = {
  denied: 'text-danger',
  rejected: 'text-danger',
  unknown: 'text-warn',
  pending_cancel: 'text-warn',
  pending_update: 'text-warn',
  filled: 'text-ok',
}

/** The word says it; the dot is hollow for what has ended. */
export const OrderState = ({ state }: { state: State }): ReactNode => (
  <span
    className={`inline-flex items-center gap-1.5 ${COLOUR[state] ?? (isOpen({ state }) ? '' : 'text-text-2')}`}
    data-state={state}
  >
    <span
      aria-hidden="true"
      className={`size-1.5 rounded-full border border-current ${isOpen({ state }) ? 'bg-current' : ''}`}
    />
    {t(`orderState.${state}`)}
  </span>
)

export const SideWord = ({ side }: { side: 'buy' | 'sell' }): ReactNode => (
  <span className={`font-semibold ${side === 'buy' ? 'text-up' : 'text-down'}`}>{t(`side.${side}`)}</span>
)
