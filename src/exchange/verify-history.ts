import { sql } from 'kysely'
import { type Instrument, priceText, quantityText } from '../kernel/index.ts'
import type { TenantTx } from '../platform/index.ts'
import type { FillTable, OrderTable } from './history/store.ts'
import { amountText, type HouseMarket, marketOf } from './listing.ts'
import type { CommandOf, ShardCommand } from './shard/command.ts'
import type { Replica } from './shard/replica.ts'
import type { Report, Reports } from './shard/report.ts'

/** Commands whose orders and fills are compared at once. */
const STRETCH = 5_000

/** An order as its reports tell it, in ticks, lots and units. */
interface ToldOrder {
  readonly placed: CommandOf<'place'>
  readonly market: HouseMarket
  readonly owner: string
  state: OrderTable['state']
  price: number
  quantity: number
  filled: number
  cost: bigint
  fees: bigint
  reason: string | null
  at: number
}

/** `1.500` and `1.5` are the same. */
const plain = (decimal: string | null): string | null =>
  decimal?.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal

/**
 * Holds what is written of orders and fills against what a replay reports, up to the command where history is written. It is
 * told in other words than the projection that wrote it, so that a fault of the one is seen by the other.
 */
export class HistoryCheck {
  orders = 0
  fills = 0
  readonly #tx: TenantTx
  readonly #shard: number
  readonly #written: number
  readonly #replica: Replica
  readonly #differ: (text: string) => void
  readonly #markets: HouseMarket[] = []
  readonly #live = new Map<number, ToldOrder>()
  /** Of this stretch. */
  #first = 1
  #placed: number[] = []
  #closed: number[] = []
  #told = new Map<string, string>()

  constructor(tx: TenantTx, shard: number, written: number, replica: Replica, differ: (text: string) => void) {
    this.#tx = tx
    this.#shard = shard
    this.#written = written
    this.#replica = replica
    this.#differ = differ
  }

  async apply(command: ShardCommand, reports: Reports): Promise<void> {
    const { sequence } = command
    if (command.kind === 'add_instrument') this.#markets.length = 0
    if (sequence <= this.#written) for (const report of reports) this.#note(report, command)
    if (sequence > this.#written || (sequence < this.#written && sequence - this.#first < STRETCH - 1)) return
    await this.#compareFills(sequence)
    await this.#compareOrders(sequence)
    if (sequence === this.#written) await this.#compareRest()
    this.#first = sequence + 1
  }

  #market(number: number): HouseMarket {
    const { instruments, assets } = this.#replica
    this.#markets[number] ??= marketOf(instruments[number]!, number, assets)
    return this.#markets[number]
  }

  #note(report: Report, command: ShardCommand): void {
    const { at, sequence } = command
    switch (report.type) {
      case 'accepted': {
        if (command.kind !== 'place' || report.order !== sequence) return
        this.#live.set(sequence, {
          placed: command,
          market: this.#market(command.instrument),
          owner: this.#replica.owners[command.account]!,
          state: command.trigger > 0 ? 'waiting' : 'open',
          price: command.price,
          quantity: command.quantity,
          filled: 0,
          cost: 0n,
          fees: 0n,
          reason: null,
          at,
        })
        this.#placed.push(sequence)
        this.orders += 1
        break
      }
      case 'traded': {
        const { maker, taker, makerFee, takerFee, makerOpen, takerOpen, side } = report
        const other = side === 'buy' ? 'sell' : 'buy'
        this.#fill(report, command, { id: maker, side: other, fee: makerFee, open: makerOpen, liquidity: 'maker' })
        this.#fill(report, command, { id: taker, side, fee: takerFee, open: takerOpen, liquidity: 'taker' })
        break
      }
      case 'canceled':
        this.#change(report.order, at, order => {
          order.state = report.reason === 'expired' ? 'expired' : 'canceled'
          order.reason = report.reason
        })
        break
      case 'amended':
        this.#change(report.order, at, order => {
          order.price = report.price
          order.quantity = order.filled + report.open
        })
        break
      case 'triggered':
        this.#change(report.order, at, order => {
          order.state = 'open'
        })
        break
    }
  }

  #fill(
    trade: Extract<Report, { type: 'traded' }>,
    { at, sequence }: ShardCommand,
    of: { id: number; side: string; fee: number; open: number; liquidity: string },
  ): void {
    this.#change(of.id, at, order => {
      const { instrument, quote, rules } = order.market
      order.filled += trade.quantity
      order.cost += BigInt(trade.price) * BigInt(trade.quantity) * BigInt(rules.tickLotUnits)
      order.fees += BigInt(of.fee)
      if (of.open === 0) order.state = 'filled'
      this.fills += 1
      this.#told.set(
        `${instrument.pair} ${trade.trade} ${of.id}`,
        fillText({
          sequence,
          owner: order.owner,
          client_id: order.placed.clientId,
          side: of.side as FillTable['side'],
          price: priceText(instrument, trade.price),
          quantity: quantityText(instrument, trade.quantity),
          fee: amountText(quote, of.fee),
          liquidity: (trade.isAuction ? 'auction' : of.liquidity) as FillTable['liquidity'],
          at,
        }),
      )
    })
  }

  #change(id: number, at: number, change: (order: ToldOrder) => void): void {
    const order = this.#live.get(id)
    if (order === undefined) {
      this.#differ(`order ${id} is reported after its end`)
      return
    }
    change(order)
    order.at = at
    if (order.state !== 'waiting' && order.state !== 'open') this.#closed.push(id)
  }

  async #compareFills(last: number): Promise<void> {
    const rows = await this.#tx
      .selectFrom('exchange_fill')
      .selectAll()
      .where('tenant_id', '=', this.#tx.tenant)
      .where('shard', '=', this.#shard)
      .where('sequence', '>=', this.#first)
      .where('sequence', '<=', last)
      .execute()
    this.#compare('fill', this.#told, new Map(rows.map(row => [fillKey(row), fillText(row)])))
    this.#told = new Map()
  }

  /** Orders that ended in this stretch, and whether those that were placed in it are there. */
  async #compareOrders(last: number): Promise<void> {
    const rows = await this.#orderRows([...this.#closed, ...this.#placed])
    const known = new Map(rows.map(row => [String(row.id), orderText(row)]))
    const told = new Map(this.#closed.map(id => [String(id), toldText(this.#live.get(id)!)]))
    // One that still lives is compared when history ends.
    for (const id of this.#placed) {
      if (told.has(String(id))) continue
      if (!known.delete(String(id))) this.#differ(`order ${id} is not in the history`)
    }
    this.#compare('order', told, known)
    const placed = await this.#tx
      .selectFrom('exchange_order')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('tenant_id', '=', this.#tx.tenant)
      .where('shard', '=', this.#shard)
      .where('id', '>=', this.#first)
      .where('id', '<=', last)
      .executeTakeFirstOrThrow()
    if (Number(placed.count) > this.#placed.length)
      this.#differ(
        `history has ${placed.count} orders of the commands ${this.#first} to ${last}, and not ${this.#placed.length}`,
      )
    for (const id of this.#closed) this.#live.delete(id)
    this.#closed = []
    this.#placed = []
  }

  async #compareRest(): Promise<void> {
    const ids = [...this.#live.keys()]
    for (let i = 0; i < ids.length; i += STRETCH) {
      const some = ids.slice(i, i + STRETCH)
      const rows = await this.#orderRows(some)
      const told = new Map(some.map(id => [String(id), toldText(this.#live.get(id)!)]))
      this.#compare('order', told, new Map(rows.map(row => [String(row.id), orderText(row)])))
    }
    for (const [table, column] of [
      ['exchange_order', 'id'],
      ['exchange_fill', 'sequence'],
    ] as const) {
      const { rows } = await sql<{ count: number }>`
        SELECT count(*) FROM ${sql.table(table)}
        WHERE tenant_id = ${this.#tx.tenant} AND shard = ${this.#shard} AND ${sql.ref(column)} > ${this.#written}`.execute(
        this.#tx,
      )
      const count = rows[0]!.count
      if (count > 0) this.#differ(`${table} has ${count} rows of after command ${this.#written}, where history ends`)
    }
  }

  async #orderRows(ids: readonly number[]): Promise<OrderTable[]> {
    if (ids.length === 0) return []
    return this.#tx
      .selectFrom('exchange_order')
      .selectAll()
      .where('tenant_id', '=', this.#tx.tenant)
      .where('shard', '=', this.#shard)
      .where(sql<boolean>`id = ANY(${ids})`)
      .execute()
  }

  #compare(what: string, told: ReadonlyMap<string, string>, known: ReadonlyMap<string, string>): void {
    for (const [key, text] of told) {
      const row = known.get(key)
      if (row === undefined) this.#differ(`${what} ${key} is not in the history; replayed it is: ${text}`)
      else if (row !== text) this.#differ(`${what} ${key} is in the history as: ${row}; replayed it is: ${text}`)
    }
    for (const [key, row] of known)
      if (!told.has(key)) this.#differ(`${what} ${key} is in the history as: ${row}; replayed there is none`)
  }
}

const fillKey = ({ pair, trade, order_id }: FillTable): string => `${pair} ${trade} ${order_id}`

const fillText = (row: Omit<FillTable, 'tenant_id' | 'shard' | 'pair' | 'trade' | 'order_id'>): string =>
  [
    `by command ${row.sequence} at ${row.at}`,
    `${row.owner} ${row.client_id} ${row.side} ${plain(row.quantity)} × ${plain(row.price)}`,
    `fee ${plain(row.fee)} ${row.liquidity}`,
  ].join(', ')

function toldText({
  placed,
  market,
  owner,
  state,
  price,
  quantity,
  filled,
  cost,
  fees,
  reason,
  at,
}: ToldOrder): string {
  const { instrument, quote } = market
  const ticks = (of: Instrument, value: number) => (value === 0 ? null : priceText(of, value))
  return orderText({
    owner,
    pair: instrument.pair,
    client_id: placed.clientId,
    side: placed.side,
    type: placed.type,
    time_in_force: placed.timeInForce,
    post_only: placed.isPostOnly,
    state,
    price: ticks(instrument, price),
    trigger_price: ticks(instrument, placed.trigger),
    quantity: quantityText(instrument, quantity),
    display: placed.display === 0 ? null : quantityText(instrument, placed.display),
    filled: quantityText(instrument, filled),
    cost: amountText(quote, Number(cost)),
    fees: amountText(quote, Number(fees)),
    reason,
    expire_at: placed.expireAt === 0 ? null : placed.expireAt,
    created_at: placed.at,
    updated_at: at,
  })
}

const orderText = (row: Omit<OrderTable, 'tenant_id' | 'shard' | 'id'>): string =>
  [
    `${row.owner} ${row.client_id} ${row.pair} ${row.side} ${row.type} ${row.time_in_force}`,
    row.post_only ? 'post-only' : '',
    `${plain(row.quantity)} × ${plain(row.price)}`,
    `trigger ${plain(row.trigger_price)}, display ${plain(row.display)}, expires ${row.expire_at}`,
    `${row.state} ${row.reason ?? ''}`,
    `filled ${plain(row.filled)} for ${plain(row.cost)}, fees ${plain(row.fees)}`,
    `from ${row.created_at} to ${row.updated_at}`,
  ].join(', ')
