import {
  type Account,
  isWaiting,
  type SimulatedFill,
  type SimulatedOrder,
  type VenueContext,
  type VenueSocket,
} from '../core/index.ts'
import { balanceInfo, orderInfo, paid } from './answers.ts'
import type { OkxAuth } from './auth.ts'
import { type Argument, OkxStream } from './public-stream.ts'

/** https://www.okx.com/docs-v5/en/#order-book-trading-trade-ws-order-channel and …/#trading-account-websocket-account-channel */
export class OkxPrivateStream extends OkxStream {
  readonly #auth: OkxAuth
  #account: Account | null = null

  constructor(context: VenueContext, socket: VenueSocket, auth: OkxAuth) {
    super(context, socket)
    this.#auth = auth
  }

  protected operate(op: string, [login = {}]: readonly Argument[]): void {
    if (op !== 'login') {
      this.fail('60012', `Illegal request: ${op}`)
      return
    }
    const account = this.#auth.verifyLogin(login as Readonly<Record<string, unknown>>)
    if ('code' in account) {
      this.fail(account.code, account.msg)
      return
    }
    this.#account = account
    this.event('login', { code: '0', msg: '' })
  }

  protected refusalOf({ channel = '', instType, instId }: Argument): string | null {
    if (this.#account === null) return 'please log in'
    const isKnown = channel === 'account' || (channel === 'orders' && (instType === 'SPOT' || instType === 'ANY'))
    return isKnown ? null : `channel:${channel},instType:${instType ?? ''},instId:${instId ?? ''} doesn't exist.`
  }

  protected open(argument: Argument): () => void {
    const account = this.#account!
    return argument.channel === 'account' ? this.#balances(argument, account) : this.#orders(argument, account)
  }

  /** Each change of an order; a fill is in the row of its order. */
  #orders(argument: Argument, account: Account): () => void {
    const tell = (order: SimulatedOrder, fill?: SimulatedFill) => {
      if (order.account !== account || isWaiting(order)) return
      if (argument.instId !== undefined && order.instrument.symbol !== argument.instId) return
      const row = orderInfo(order, fill)
      this.tell(argument, [{ ...row, ...executionOf(fill), amendResult: '', code: '0', msg: '', reqId: '' }], 'orders')
    }
    return this.context.exchange.listen({
      onOrder(order, cause) {
        if (cause !== 'trade') tell(order)
      },
      onFill: fill => tell(fill.order, fill),
    })
  }

  /** All that there is, then what changes. */
  #balances(argument: Argument, account: Account): () => void {
    const tell = (assets: readonly string[]) =>
      this.tell(argument, [balanceInfo(account, assets, this.context.now())], 'balances')
    tell(account.assets)
    return this.context.exchange.listen({
      onBalance: (changed, assets) => {
        if (changed === account) tell(assets)
      },
    })
  }
}

/** Of a fill alone: what it cost, and on which side of the book it was. */
const executionOf = (fill: SimulatedFill | undefined) =>
  fill === undefined
    ? { execType: '', fillFee: '0', fillFeeCcy: '' }
    : {
        execType: fill.liquidity === 'maker' ? 'M' : 'T',
        fillFee: paid(fill.fee),
        fillFeeCcy: fill.feeAsset,
      }
