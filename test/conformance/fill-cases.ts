import { expect } from 'vitest'
import { type Level, MICROS_PER_MINUTE } from '../../src/kernel/index.ts'
import { accepted, listed, marketOrder, refOf, toldFills, truthOf, watched } from './acts.ts'
import type { Case } from './case.ts'
import { orderOf } from './stage.ts'

export const FILL_CASES: readonly Case[] = [
  {
    id: 'FIL-1',
    title: 'all own fills since a time are given, over however many pages',
    async run(stage) {
      const quantity = stage.lots(4)
      for (let i = 0; i < 130; i++) {
        await stage.simulator.exchange.place(
          stage.account,
          {
            clientId: null,
            instrument: listed(stage, stage.XRP),
            side: i % 2 === 0 ? 'sell' : 'buy',
            type: 'market',
            timeInForce: 'gtc',
            price: null,
            quantity,
          },
          stage.clock.now(),
        )
        await stage.time.advance(20)
      }
      const fills = await stage.settle(stage.connector.fills(stage.XRP.id, stage.clock.now() - 10 * MICROS_PER_MINUTE))
      const truth = stage.truth.fills().map(({ id }) => id)
      expect(new Set(fills.map(({ id }) => id))).toEqual(new Set(truth))
      expect(fills).toHaveLength(truth.length)
    },
  },
  {
    id: 'FIL-2',
    title: 'the fills of an order are given when they are asked for, with their fees',
    async run(stage) {
      await watched(stage)
      await marketOrder(stage)
      const asked = await stage.settle(stage.connector.fills(stage.XRP.id, stage.clock.now() - 30 * MICROS_PER_MINUTE))
      const truth = stage.truth.fills()
      expect(asked.map(({ id, price, quantity }) => [id, price, quantity])).toEqual(
        truth.map(({ id, price, quantity }) => [id, price, quantity]),
      )
      for (const [i, { fee, feeAsset }] of truth.entries())
        expect([Number(asked[i]!.feeAmount), asked[i]!.feeAsset]).toEqual([Number(fee) / 1e18, feeAsset])
    },
  },
  {
    id: 'FIL-3',
    title: 'a limit order through the market fills as far as there is something, and the rest is open',
    async run(stage) {
      await watched(stage)
      const [[price, there]] = stage.simulator.exchange.market.levels(listed(stage, stage.XRP), 1).asks as [Level]
      const request = orderOf(stage.XRP, { price, quantity: there + stage.lots(40) })
      const { venueOrderId } = await accepted(stage, request)
      const fills = await toldFills(stage, request)
      expect([...fills.values()].reduce((sum, { quantity }) => sum + quantity, 0)).toBe(there)
      const found = await stage.settle(stage.connector.order(refOf(request, venueOrderId)))
      expect(found).toMatchObject({ state: 'open', filled: there, quantity: request.quantity })
      expect(truthOf(stage, request)).toMatchObject([{ state: 'open', filled: there }])
    },
  },
]
