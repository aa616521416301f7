import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { EngineCommand, PlaceOrder } from './command.ts'
import type { SavedEngine } from './state.ts'
import { buy, ENGINES, type EngineMaker, LIMITS, linesOf, RULES, type Step } from './testing.ts'

/**
 * The spot rows of exchange-core's feature files, as they stand: ETH_XBT has lots of 100,000 units of ETH and a tick × lot of 10
 * units of XBT, and no fees. A bid holds at its reserve price there and at its own price here: what is held less is added to a
 * balance that is looked at, and the two steps that are about the reserve alone are passed over.
 */
const folder = join(
  process.env.BOURSE_SHARED ?? join(import.meta.dirname, '../../../../shared'),
  'cases/matching/exchange-core',
)
const isThere = existsSync(folder)
const ASSETS = ['ETH', 'XBT', 'USD']
const RULES_OF_ETH_XBT = { ...RULES, lotUnits: 100_000, tickLotUnits: 10 }

interface Scenario {
  readonly name: string
  readonly steps: readonly { readonly text: string; readonly table: readonly (readonly string[])[] }[]
}

const scenarios = (isThere ? ['basic.feature', 'risk.feature'] : []).flatMap(file =>
  read(readFileSync(join(folder, file), 'utf8')),
)

/** Scenarios with the steps of the background before theirs; an outline for ETH_XBT. */
function read(feature: string): Scenario[] {
  const [head = '', ...parts] = feature.split(/\n\s*Scenario(?: Outline)?: /)
  const background = stepsOf(head.split('Background:')[1] ?? '')
  return parts.map(part => {
    const [name = '', ...lines] = part.split('Examples:')[0]!.replaceAll('<symbol>', 'ETH_XBT').split('\n')
    return { name, steps: [...background, ...stepsOf(lines.join('\n'))] }
  })
}

function stepsOf(text: string): Scenario['steps'] {
  const steps: { text: string; table: string[][] }[] = []
  for (const line of text.split('\n').map(one => one.trim())) {
    const cells = line.split('|').slice(1, -1)
    if (line.startsWith('|')) steps.at(-1)!.table.push(cells.map(cell => cell.trim()))
    else if (/^(Given|When|Then|And) /.test(line)) steps.push({ text: line.replace(/^\w+ /, ''), table: [] })
  }
  return steps
}

function play(maker: EngineMaker, { steps }: Scenario): void {
  const engine = maker.create(LIMITS)
  const { sink, take } = linesOf()
  const clients: string[] = []
  const ids = new Map<string, { id: number; account: number; reserve: number }>()
  const apply = (step: Step): string[] => {
    engine.apply({ ...step, sequence: engine.sequence + 1, at: 0 } as EngineCommand, sink)
    return take()
  }
  for (const [asset, code] of ASSETS.entries()) apply({ kind: 'add_asset', asset, code })
  apply({ kind: 'add_instrument', instrument: 0, base: 0, quote: 1, rules: RULES_OF_ETH_XBT })
  apply({ kind: 'set_phase', instrument: 0, phase: 'trading', until: 0, next: 'trading' })

  const openOrders = (account: number) =>
    (engine.state() as SavedEngine).markets[0]!.bids.concat((engine.state() as SavedEngine).markets[0]!.asks).filter(
      order => order.account === account,
    )
  const deposit = (account: number, asset: string, amount: string) =>
    apply({ kind: 'deposit', account, asset: ASSETS.indexOf(asset), amount: Number(amount) })
  const reserveOf = (id: number) => [...ids.values()].find(one => one.id === id)!.reserve
  let trades: string[] = []

  const rules: [RegExp, (match: string[], table: readonly (readonly string[])[]) => void][] = [
    [
      /^New client (\w+) has a balance:/,
      ([client], table) => {
        clients.push(client!)
        apply({ kind: 'add_account', account: clients.length - 1 })
        for (const [asset, amount] of table) deposit(clients.length - 1, asset!, amount!)
      },
    ],
    [
      /^(\d+) (\w+) is added to the balance of a client (\w+)/,
      ([amount, asset, client]) => void deposit(clients.indexOf(client!), asset!, amount!),
    ],
    [
      /^A client (\w+) (places|could not place) an (\w+) order (\d+) at (\d+)@(\d+) \(type: (\w+), symbol: ETH_XBT(?:, reservePrice: (\d+))?\)/,
      ([client, verb, side, id, price, size, type, reserve]) => {
        if (verb !== 'places' && side === 'BID' && reserve !== price) return
        const account = clients.indexOf(client!)
        const order: Partial<PlaceOrder> = {
          account,
          side: side === 'BID' ? 'buy' : 'sell',
          timeInForce: type === 'IOC' ? 'ioc' : 'gtc',
        }
        const { name, ...step } = buy('', 'alice', Number(size), Number(price), order)
        const reports = apply(step)
        if (verb !== 'places') expect(reports).toEqual([`refused ${account} insufficient_funds`])
        else expect(reports[0]).toMatch(/^accepted/)
        ids.set(id!, { id: engine.sequence, account, reserve: side === 'BID' ? Number(reserve) : 0 })
        trades = reports.filter(line => line.startsWith('traded'))
      },
    ],
    [
      /^A client (\w+) moves a price to (\d+) of the order (\d+)/,
      ([, price, id]) => {
        const { id: order, account } = ids.get(id!)!
        trades = apply({ kind: 'amend', account, order, clientId: '', price: Number(price), quantity: 0 }).filter(
          line => line.startsWith('traded'),
        )
      },
    ],
    [/^A client (\w+) could not move a price .* due to MATCHING_MOVE_FAILED_PRICE_OVER_RISK_LIMIT/, () => {}],
    [
      /^A client (\w+) cancels the remaining size (\d+) of the order (\d+)/,
      ([, size, id]) => {
        const { id: order, account } = ids.get(id!)!
        const [canceled] = apply({ kind: 'cancel', account, order, clientId: '' })
        expect(canceled).toBe(`canceled ${order} ${account} 0 ${size} requested`)
      },
    ],
    [/^No trade events/, () => expect(trades).toEqual([])],
    [
      /^The order (\d+) is (fully|partially) matched. LastPx: (\d+), LastQty: (\d+)/,
      ([id, how, price, quantity]) => {
        const { makerOpen, ...trade } = JSON.parse(trades.at(-1)!.slice('traded '.length))
        expect(trade).toMatchObject({ maker: ids.get(id!)!.id, price: Number(price), quantity: Number(quantity) })
        expect(makerOpen === 0).toBe(how === 'fully')
      },
    ],
    [
      /^An ETH_XBT order book is:/,
      (_, table) => {
        const rows = table.filter(row => row[1] !== 'price')
        const level = (column: number) =>
          rows.filter(row => row[column] !== '').map(row => [Number(row[1]), Number(row[column])])
        expect(engine.levels(0, 10)).toEqual({ bids: level(0), asks: level(2).reverse() })
      },
    ],
    [
      /^A balance of a client (\w+):/,
      ([client], table) => {
        const account = clients.indexOf(client!)
        const less = openOrders(account)
          .filter(({ side }) => side === 'buy')
          .reduce((sum, { id, price, open }) => sum + (reserveOf(id) - price) * open * 10, 0)
        const has = (asset: string) =>
          engine.balances(account).find(one => one.asset === ASSETS.indexOf(asset))?.available ?? 0
        for (const [asset, amount] of table) expect(has(asset!) - (asset === 'XBT' ? less : 0)).toBe(Number(amount))
      },
    ],
    [
      /^A client (\w+) orders:/,
      ([client], [, ...table]) => {
        const open = openOrders(clients.indexOf(client!)).map(order => [
          order.id,
          order.price,
          order.quantity,
          order.quantity - order.open,
          order.side === 'buy' ? 'BID' : 'ASK',
        ])
        const wanted = table.map(([id, price, size, filled, , side]) => [
          ids.get(id!)!.id,
          Number(price),
          Number(size),
          Number(filled),
          side,
        ])
        expect(open.sort()).toEqual(wanted.sort())
      },
    ],
    [
      /^A client (\w+) does not have active orders/,
      ([client]) => expect(openOrders(clients.indexOf(client!))).toEqual([]),
    ],
  ]
  for (const { text, table } of steps) {
    const rule = rules.find(([pattern]) => pattern.test(text))
    expect(rule, text).toBeDefined()
    rule![1](rule![0].exec(text)!.slice(1), table)
  }
}

describe.each(ENGINES.filter(one => !one.isRestored))('the $name engine', maker => {
  const skipped = '(skipped where the shared cases are absent)'
  test.skipIf(!isThere).each(scenarios)(`agrees with exchange-core: $name ${skipped}`, scenario => {
    play(maker, scenario)
  })

  test.skipIf(!isThere)(`there are four of its scenarios ${skipped}`, () => {
    expect(scenarios.length).toBe(4)
  })
})
