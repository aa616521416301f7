import { expect } from 'vitest'
import { unitsOf } from '../../simulators/venues/index.ts'
import { MICROS_PER_MINUTE, notionalScale, priceFloat, priceText, quantityText } from '../../src/kernel/index.ts'
import {
  accepted,
  best,
  bid,
  bookIsTrue,
  listed,
  manyOpen,
  marketOrder,
  refOf,
  resting,
  truthOf,
  watched,
} from './acts.ts'
import type { Case } from './case.ts'
import { FAULT_CASES } from './fault-cases.ts'
import { FILL_CASES } from './fill-cases.ts'
import { orderOf } from './stage.ts'
import { STREAM_FAULT_CASES } from './stream-fault-cases.ts'

/** What every venue behind the port is held to. The matrix in the reference is made from this list. */
export const CASES: readonly Case[] = [
  {
    id: 'INS-1',
    title: 'instruments have the tick, lot and minimums that the venue lists',
    async run({ connector, settle, simulator }) {
      const instruments = await settle(connector.instruments(true))
      for (const { instrument } of simulator.exchange.market.instruments) {
        const found = instruments.find(({ pair }) => pair === instrument.pair)!
        expect([priceText(found, 1), quantityText(found, 1)].map(Number)).toEqual(
          [priceText(instrument, 1), quantityText(instrument, 1)].map(Number),
        )
        expect(Number(quantityText(found, found.quantityMin))).toBe(
          Number(quantityText(instrument, instrument.quantityMin)),
        )
      }
    },
  },
  {
    id: 'FEE-1',
    title: 'the fees of the account are those that it is charged',
    async run(stage) {
      const { fees } = await stage.settle(stage.connector.fees([stage.XRP.id]))
      const { makerPpm, takerPpm } = listed(stage, stage.XRP)
      expect(fees).toEqual([{ instrument: stage.XRP.id, makerPpm, takerPpm }])
    },
  },
  {
    id: 'MKT-1',
    title: 'the book by REST is the book',
    async run(stage) {
      const book = await stage.settle(stage.connector.book(stage.XRP.id, 5))
      const truth = stage.simulator.exchange.market.levels(listed(stage, stage.XRP), 5)
      expect([book.bids, book.asks]).toEqual([truth.bids, truth.asks])
    },
  },
  {
    id: 'MKT-2',
    title: 'trades, ticker and candles tell what has traded',
    async run(stage) {
      const order = {
        instrument: listed(stage, stage.XRP),
        quantity: stage.lots(100),
        price: undefined,
        isTaking: true,
      }
      await stage.simulator.house({ ...order, side: 'buy' })
      await stage.time.advance(1_000)
      const trades = await stage.settle(stage.connector.trades(stage.XRP.id, 10))
      const last = stage.simulator.tape.trades(listed(stage, stage.XRP)).at(-1)!
      expect(trades.at(-1)).toMatchObject({ price: last.price, quantity: last.quantity, side: 'buy' })
      const ticker = await stage.settle(stage.connector.ticker(stage.XRP.id))
      expect(ticker).toMatchObject({ bid: best(stage, 'buy'), ask: best(stage, 'sell') })
      await stage.time.advance(61_000)
      const openAt = last.at - (last.at % MICROS_PER_MINUTE)
      const from = openAt - 3 * MICROS_PER_MINUTE
      const candles = await stage.settle(stage.connector.candles(stage.XRP.id, MICROS_PER_MINUTE, from, 10))
      expect(candles.find(candle => candle.openAt === openAt)).toMatchObject({ close: last.price })
    },
  },
  {
    id: 'ACC-1',
    title: 'balances are what the account holds, free and held',
    async run(stage) {
      await accepted(stage, resting(stage))
      const balances = await stage.settle(stage.connector.balances())
      const quote = balances.find(({ asset }) => asset === stage.XRP.quote)!
      expect(unitsOf(quote.free)).toBe(stage.account.free(stage.XRP.quote))
      expect(unitsOf(quote.held)).toBe(stage.account.held(stage.XRP.quote))
      expect(unitsOf(quote.held)).toBeGreaterThan(0n)
    },
  },
  {
    id: 'ACC-2',
    title: 'what the key may do is told',
    needs: 'permissions',
    async run(stage) {
      expect(await stage.settle(stage.connector.permissions())).toEqual({ read: true, trade: true, withdraw: false })
    },
  },
  {
    id: 'ORD-1',
    title: 'a limit order rests, and is found by its own id, by the venue’s and among the open ones',
    async run(stage) {
      const request = resting(stage)
      const { venueOrderId } = await accepted(stage, request)
      const expected = { state: 'open', filled: 0, quantity: request.quantity, price: request.price, side: 'buy' }
      expect(await stage.settle(stage.connector.order(refOf(request, venueOrderId)))).toMatchObject(expected)
      expect(await stage.settle(stage.connector.openOrders(stage.XRP.id))).toMatchObject([expected])
      const fresh = await stage.another()
      fresh.adopt([request])
      expect(await stage.settle(fresh.order(refOf(request)))).toMatchObject(expected)
    },
  },
  {
    id: 'ORD-2',
    title: 'a market order fills; the fills that are told and their fees are the venue’s',
    async run(stage) {
      await watched(stage)
      const told = await marketOrder(stage)
      const truth = stage.truth.fills()
      expect([...told.values()].map(({ id, price, quantity }) => [id, price, quantity]).sort()).toEqual(
        truth.map(({ id, price, quantity }) => [id, price, quantity]).sort(),
      )
      for (const { id, price, fee, feeAsset } of truth) {
        const inQuote = (Number(fee) / 1e18) * (feeAsset === stage.XRP.quote ? 1 : priceFloat(stage.XRP, price))
        const toldFee = Number(told.get(id)!.fee) / 10 ** notionalScale(stage.XRP)
        expect(Math.abs(toldFee - inQuote)).toBeLessThanOrEqual(inQuote * 1e-6)
      }
    },
  },
  ...(['ioc', 'fok'] as const).map(
    (timeInForce): Case => ({
      id: `ORD-3-${timeInForce}`,
      title: `an order that is ${timeInForce} never rests`,
      needs: timeInForce,
      async run(stage) {
        const request = resting(stage, { timeInForce })
        const outcome = await stage.settle(stage.connector.place(request))
        const [order] = truthOf(stage, request)
        if (outcome.type === 'rejected') expect(order?.state ?? 'rejected').toBe('rejected')
        else expect([order!.state === 'open', order!.filled]).toEqual([false, 0])
      },
    }),
  ),
  {
    id: 'ORD-4',
    title: 'a post-only order that would take is refused or ends without a fill',
    needs: 'postOnly',
    async run(stage) {
      const request = resting(stage, { postOnly: true, price: Math.round(best(stage, 'sell') * 1.001) })
      await stage.settle(stage.connector.place(request))
      for (const order of truthOf(stage, request)) expect([order.filled, order.state === 'open']).toEqual([0, false])
    },
  },
  ...(['stop', 'stop_limit'] as const).map(
    (type): Case => ({
      id: `ORD-5-${type}`,
      title: `a ${type} order waits for its trigger, is among the open ones, and canceled with them`,
      needs: type,
      async run(stage) {
        const triggerPrice = Math.round(best(stage, 'buy') * 0.97)
        const price = type === 'stop' ? undefined : Math.round(triggerPrice * 0.99)
        const request = resting(stage, { type, side: 'sell', triggerPrice, price })
        const { venueOrderId } = await accepted(stage, request)
        const found = await stage.settle(stage.connector.order(refOf(request, venueOrderId)))
        expect([found!.state, found!.filled, found!.type]).toEqual(['open', 0, type])
        expect(truthOf(stage, request)[0]!.triggered).toBe(false)
        expect(await stage.settle(stage.connector.openOrders())).toMatchObject([{ venueOrderId, type }])
        await watched(stage)
        await accepted(stage, resting(stage))
        expect(await stage.settle(stage.connector.cancelAll())).toMatchObject({ type: 'accepted' })
        expect(stage.truth.open()).toEqual([])
      },
    }),
  ),
  {
    id: 'ORD-6',
    title: 'what the venue refuses is proven to be refused',
    async run(stage) {
      const tooMuch = orderOf(stage.XRP, { price: best(stage, 'buy') - 10, quantity: stage.lots(5_000_000) })
      const tooLittle = orderOf(stage.XRP, { price: best(stage, 'buy') - 10, quantity: 1 })
      for (const request of [tooMuch, tooLittle]) {
        expect(await stage.settle(stage.connector.place(request))).toMatchObject({ type: 'rejected' })
        expect(truthOf(stage, request)).toEqual([])
      }
    },
  },
  {
    id: 'ORD-7',
    title: 'the same order sent twice is one order',
    needs: 'uniqueClientIds',
    async run(stage) {
      const request = resting(stage)
      await accepted(stage, request)
      await stage.settle((await stage.another()).place(request))
      expect(truthOf(stage, request)).toHaveLength(1)
    },
  },
  {
    id: 'ORD-8',
    title: 'an order that never was is not found',
    async run(stage) {
      expect(await stage.settle(stage.connector.order(refOf(resting(stage))))).toBeNull()
    },
  },
  {
    id: 'ORD-9',
    title: 'all that is open is listed, over however many pages',
    async run(stage) {
      const ids = await manyOpen(stage)
      for (const instrument of [undefined, stage.XRP.id]) {
        const open = await stage.settle(stage.connector.openOrders(instrument))
        expect(open.map(({ venueOrderId }) => venueOrderId).sort()).toEqual(ids)
      }
    },
  },
  {
    id: 'CXL-1',
    title: 'an order is canceled by the venue’s id, and told',
    async run(stage) {
      await watched(stage)
      const request = resting(stage)
      const { venueOrderId } = await accepted(stage, request)
      expect(await stage.settle(stage.connector.cancel(refOf(request, venueOrderId)))).toMatchObject({
        type: 'accepted',
      })
      await stage.until(() => stage.heard.of(request.id).some(({ type }) => type === 'canceled'), 'it is told')
      expect(truthOf(stage, request)[0]!.state).toBe('canceled')
    },
  },
  {
    id: 'CXL-2',
    title: 'an order is canceled by its own id alone',
    async run(stage) {
      const request = resting(stage)
      await accepted(stage, request)
      const fresh = await stage.another()
      fresh.adopt([request])
      expect(await stage.settle(fresh.cancel(refOf(request)))).toMatchObject({ type: 'accepted' })
      expect(truthOf(stage, request)[0]!.state).toBe('canceled')
    },
  },
  {
    id: 'CXL-3',
    title: 'a cancel of an order that is over is refused',
    async run(stage) {
      const request = resting(stage)
      const { venueOrderId } = await accepted(stage, request)
      await stage.settle(stage.connector.cancel(refOf(request, venueOrderId)))
      expect(await stage.settle(stage.connector.cancel(refOf(request, venueOrderId)))).toMatchObject({
        type: 'rejected',
      })
    },
  },
  {
    id: 'CXL-4',
    title: 'everything open is canceled at once',
    async run(stage) {
      await watched(stage)
      const requests = [resting(stage), resting(stage), resting(stage)]
      for (const request of requests) await accepted(stage, request)
      expect(await stage.settle(stage.connector.cancelAll())).toMatchObject({ type: 'accepted' })
      await stage.time.advance(500)
      expect(requests.map(request => truthOf(stage, request)[0]!.state)).toEqual(['canceled', 'canceled', 'canceled'])
    },
  },
  {
    id: 'CXL-5',
    title: 'everything open is canceled, over however many pages',
    async run(stage) {
      await watched(stage)
      await manyOpen(stage)
      expect(await stage.settle(stage.connector.cancelAll())).toMatchObject({ type: 'accepted' })
      await stage.time.advance(500)
      expect(stage.truth.open()).toEqual([])
    },
  },
  {
    id: 'CXL-6',
    title: 'what is open of one instrument is canceled, and nothing of another',
    async run(stage) {
      const doge = stage.base('DOGE')
      const other = orderOf(doge, { price: Math.round(best(stage, 'buy', doge) * 0.98) })
      for (const request of [other, resting(stage), resting(stage)]) await accepted(stage, request)
      expect(await stage.settle(stage.connector.cancelAll(stage.XRP.id))).toMatchObject({ type: 'accepted' })
      await stage.time.advance(500)
      const open = stage.truth.open()
      expect(open.map(({ clientId }) => clientId)).toEqual([stage.clientId(other.id)])
    },
  },
  {
    id: 'AMD-1',
    title: 'price and quantity are amended under the same id',
    needs: 'amend',
    async run(stage) {
      const request = resting(stage)
      const { venueOrderId } = await accepted(stage, request)
      const change = { price: request.price! - 20, quantity: request.quantity - stage.lots(5) }
      expect(await stage.settle(stage.connector.amend(refOf(request, venueOrderId), change))).toMatchObject({
        type: 'accepted',
      })
      expect(truthOf(stage, request)).toMatchObject([{ ...change, state: 'open' }])
    },
  },
  ...FAULT_CASES,
  ...FILL_CASES,
  {
    id: 'STR-1',
    title: 'the streamed book is the book',
    async run(stage) {
      await watched(stage)
      for (let i = 0; i < 5; i++) await bid(stage)
      await bookIsTrue(stage)
    },
  },
  {
    id: 'STR-2',
    title: 'trades are streamed as they happen',
    async run(stage) {
      await watched(stage)
      const order = { instrument: listed(stage, stage.XRP), isTaking: true, price: undefined }
      await stage.told(
        () => stage.simulator.house({ ...order, side: 'sell', quantity: stage.lots(77) }),
        () =>
          stage.heard.markets.some(
            input => input.kind === 'trade' && input.data.quantity === stage.lots(77) && input.data.side === 'sell',
          ),
        'the trade is told',
      )
    },
  },
  {
    id: 'STR-3',
    title: 'an order of somebody else on the account is none of ours',
    async run(stage) {
      await watched(stage)
      const before = stage.heard.reports.length
      const order = {
        clientId: null,
        instrument: listed(stage, stage.XRP),
        side: 'buy',
        type: 'limit',
        timeInForce: 'gtc',
        price: best(stage, 'buy') - 50,
        quantity: stage.lots(10),
      } as const
      await stage.told(
        () => stage.simulator.exchange.place(stage.account, order, stage.clock.now()),
        () => stage.heard.external.length > 0,
        'it is told as external',
      )
      expect(stage.heard.reports.length).toBe(before)
    },
  },
  ...STREAM_FAULT_CASES,
]
