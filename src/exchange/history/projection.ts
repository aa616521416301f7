import { assert, priceText, quantityText, type Side } from '../../kernel/index.ts'
import type { EngineCancelReason } from '../../matching/index.ts'
import { amountText, type HouseMarket } from '../listing.ts'
import type { CommandOf } from '../shard/command.ts'
import type { Done } from '../shard/owner.ts'
import type { Report } from '../shard/report.ts'

/** What of an order is written when it is placed; decimals as text, times in microseconds. */
export interface OrderRow {
  readonly id: number
  readonly owner: string
  readonly pair: string
  readonly client_id: string
  readonly side: Side
  readonly type: CommandOf<'place'>['type']
  readonly time_in_force: CommandOf<'place'>['timeInForce']
  readonly post_only: boolean
  readonly state: 'waiting' | 'open'
  readonly price: string | null
  readonly trigger_price: string | null
  readonly quantity: string
  readonly display: string | null
  readonly expire_at: number | null
  readonly created_at: number
}

/** What has happened to an order since it was last written; the sums are added, what is not null replaces. */
export interface ChangeRow {
  readonly id: number
  readonly filled: string
  readonly cost: string
  readonly fees: string
  readonly state: 'open' | 'filled' | 'canceled' | 'expired' | null
  readonly reason: EngineCancelReason | null
  readonly price: string | null
  /** After an amend: what was open then, and what had been filled of the sums here. */
  readonly open: string | null
  readonly filled_before: string | null
  readonly updated_at: number
}

/** The same in lots and units, while it adds up. */
interface Change {
  readonly market: HouseMarket
  filled: number
  cost: number
  fees: number
  state: ChangeRow['state']
  reason: EngineCancelReason | null
  price: number | null
  amended: { open: number; filledBefore: number } | null
  at: number
}

export interface FillRow {
  readonly sequence: number
  readonly pair: string
  readonly trade: number
  readonly order_id: number
  readonly owner: string
  readonly side: Side
  readonly price: string
  readonly quantity: string
  readonly fee: string
  readonly liquidity: 'maker' | 'taker' | 'auction'
  readonly at: number
}

interface Amount {
  readonly asset: string
  /** Units; above zero is what comes in. */
  readonly amount: bigint
}

/** What one command moved in the books: it adds up to zero per asset. */
export interface Posting {
  readonly sequence: number
  readonly at: number
  readonly kind: 'trade' | 'transfer'
  readonly moves: readonly (Amount & { readonly owner: string })[]
  readonly fees: readonly Amount[]
  /** The other side of a transfer: what is on its way between the wallets and here. */
  readonly transfers: readonly Amount[]
}

export interface Projected {
  readonly orders: OrderRow[]
  readonly changes: ChangeRow[]
  readonly fills: FillRow[]
  readonly postings: Posting[]
}

/** Names of what reports call by number. */
export interface Names {
  market(instrument: number): HouseMarket
  owner(account: number): string
  asset(asset: number): string
}

const EXPIRED: ReadonlySet<EngineCancelReason> = new Set(['expired'])

/** What a stretch of the journal means for orders, fills and money: pure, so that it may be made again at any time. */
export function project(batch: readonly Done[], names: Names): Projected {
  const orders: OrderRow[] = []
  const fills: FillRow[] = []
  const postings: Posting[] = []
  const changes = new Map<number, Change>()
  const changeOf = (id: number, instrument: number, at: number) => {
    let change = changes.get(id)
    if (change === undefined) {
      const market = names.market(instrument)
      change = { market, filled: 0, cost: 0, fees: 0, state: null, reason: null, price: null, amended: null, at }
      changes.set(id, change)
    }
    change.at = at
    return change
  }

  function apply(report: Report, { command }: Done): void {
    const { at, sequence } = command
    switch (report.type) {
      case 'accepted':
        if (command.kind === 'place' && report.order === sequence) orders.push(orderRow(command, names))
        break
      case 'traded': {
        const market = names.market(report.instrument)
        const cost = report.price * report.quantity * market.rules.tickLotUnits
        const sides = [
          {
            order: report.maker,
            account: report.makerAccount,
            fee: report.makerFee,
            open: report.makerOpen,
            isMaker: true,
          },
          {
            order: report.taker,
            account: report.takerAccount,
            fee: report.takerFee,
            open: report.takerOpen,
            isMaker: false,
          },
        ]
        for (const { order, account, fee, open, isMaker } of sides) {
          const change = changeOf(order, report.instrument, at)
          change.filled += report.quantity
          change.cost += cost
          change.fees += fee
          if (open === 0) change.state = 'filled'
          fills.push({
            sequence,
            pair: market.instrument.pair,
            trade: report.trade,
            order_id: order,
            owner: names.owner(account),
            side: isMaker === (report.side === 'sell') ? 'buy' : 'sell',
            price: priceText(market.instrument, report.price),
            quantity: quantityText(market.instrument, report.quantity),
            fee: amountText(market.quote, fee),
            liquidity: report.isAuction ? 'auction' : isMaker ? 'maker' : 'taker',
            at,
          })
        }
        break
      }
      case 'canceled': {
        const change = changeOf(report.order, report.instrument, at)
        change.state = EXPIRED.has(report.reason) ? 'expired' : 'canceled'
        change.reason = report.reason
        break
      }
      case 'amended': {
        const change = changeOf(report.order, report.instrument, at)
        change.price = report.price
        change.amended = { open: report.open, filledBefore: change.filled }
        break
      }
      case 'triggered':
        changeOf(report.order, report.instrument, at).state = 'open'
        break
    }
  }

  for (const done of batch) {
    for (const report of done.reports) apply(report, done)
    const posting = postingOf(done, names)
    if (posting !== null) postings.push(posting)
  }
  return { orders, changes: [...changes].map(([id, change]) => changeRow(id, change)), fills, postings }
}

function orderRow(command: CommandOf<'place'>, names: Names): OrderRow {
  const { instrument } = names.market(command.instrument)
  const price = (ticks: number) => (ticks === 0 ? null : priceText(instrument, ticks))
  return {
    id: command.sequence,
    owner: names.owner(command.account),
    pair: instrument.pair,
    client_id: command.clientId,
    side: command.side,
    type: command.type,
    time_in_force: command.timeInForce,
    post_only: command.isPostOnly,
    state: command.trigger > 0 ? 'waiting' : 'open',
    price: price(command.price),
    trigger_price: price(command.trigger),
    quantity: quantityText(instrument, command.quantity),
    display: command.display === 0 ? null : quantityText(instrument, command.display),
    expire_at: command.expireAt === 0 ? null : command.expireAt,
    created_at: command.at,
  }
}

function changeRow(id: number, { market, amended, ...change }: Change): ChangeRow {
  const { instrument, quote } = market
  const lots = (quantity: number) => quantityText(instrument, quantity)
  return {
    id,
    filled: lots(change.filled),
    cost: amountText(quote, change.cost),
    fees: amountText(quote, change.fees),
    state: change.state,
    reason: change.reason,
    // 0 for a stop that has no price.
    price: change.price === null || change.price === 0 ? null : priceText(instrument, change.price),
    open: amended === null ? null : lots(amended.open),
    filled_before: amended === null ? null : lots(amended.filledBefore),
    updated_at: change.at,
  }
}

/** The money that a command moved, summed; null when it moved none. */
function postingOf({ command, reports }: Done, names: Names): Posting | null {
  const moves = new Map<string, { owner: string; asset: string; amount: bigint }>()
  const fees = new Map<string, bigint>()
  const move = (account: number, asset: string, amount: bigint) => {
    const key = `${account}/${asset}`
    const known = moves.get(key)
    if (known === undefined) moves.set(key, { owner: names.owner(account), asset, amount })
    else known.amount += amount
  }
  const transfers: Amount[] = []
  for (const report of reports) {
    if (report.type === 'moved') {
      const asset = names.asset(report.asset)
      move(report.account, asset, BigInt(report.amount))
      transfers.push({ asset, amount: -BigInt(report.amount) })
    }
    if (report.type !== 'traded') continue
    const { rules, base, quote } = names.market(report.instrument)
    const lots = BigInt(report.quantity * rules.lotUnits)
    const cost = BigInt(report.price) * BigInt(report.quantity) * BigInt(rules.tickLotUnits)
    const [makerFee, takerFee] = [BigInt(report.makerFee), BigInt(report.takerFee)]
    const [buyer, buyerFee, seller, sellerFee] =
      report.side === 'buy'
        ? [report.takerAccount, takerFee, report.makerAccount, makerFee]
        : [report.makerAccount, makerFee, report.takerAccount, takerFee]
    move(buyer, base.code, lots)
    move(seller, base.code, -lots)
    move(buyer, quote.code, -(cost + buyerFee))
    move(seller, quote.code, cost - sellerFee)
    fees.set(quote.code, (fees.get(quote.code) ?? 0n) + makerFee + takerFee)
  }
  const moved = [...moves.values()].filter(({ amount }) => amount !== 0n)
  if (moved.length === 0) return null
  const charged = [...fees].filter(([, amount]) => amount !== 0n).map(([asset, amount]) => ({ asset, amount }))
  const sum = (asset: string) =>
    [...moved, ...charged, ...transfers].reduce(
      (total, entry) => (entry.asset === asset ? total + entry.amount : total),
      0n,
    )
  for (const { asset } of moved) assert(sum(asset) === 0n, 'what a command moves adds up to nothing')
  const kind = transfers.length > 0 ? 'transfer' : 'trade'
  return { sequence: command.sequence, at: command.at, kind, moves: moved, fees: charged, transfers }
}
