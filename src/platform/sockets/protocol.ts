import { z } from 'zod'

/**
 * The WebSocket protocol at /v1/stream: JSON text frames. First `auth`, then `subscribe`.
 *
 * Topics
 * - `ticker`                      state  TickerView[] (all instruments), then changed TickerViews keyed by `instrument`
 * - `book:<instrument>`           state  BookView, whole each time, latest wins, at most 20 a second
 * - `trades:<instrument>`         log    TradeView[]; the snapshot holds the last 100, oldest first
 * - `candles:<instrument>:<interval>` state  CandleView: the forming candle and each close, keyed by `openAt`
 * - `orders`                      log    OrderView[]; the snapshot holds all open orders and the last 100 others
 * - `fills`                       log    FillView[]; the snapshot holds the last 200, oldest first
 * - `positions` `runs` `kill-switch` `health` `equity`  state
 * - `events`                      log    EventView[]; the snapshot holds the last 100, oldest first
 *
 * `state` topics conflate: a slow reader gets the latest value, never the ones between.
 * `log` topics never drop silently: a reader that falls behind its bound gets `resync` with the number missed, then a new snapshot.
 * `sequence` counts the messages of one subscription from 1 (the snapshot); a gap in it never happens on one connection.
 */
export const ClientMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('auth'), token: z.string().max(4_096) }),
  z.strictObject({ type: z.literal('subscribe'), topic: z.string().max(200) }),
  z.strictObject({ type: z.literal('unsubscribe'), topic: z.string().max(200) }),
  z.strictObject({ type: z.literal('ping'), id: z.int() }),
])
export type ClientMessage = z.infer<typeof ClientMessage>

export type ServerMessage =
  | { type: 'ready'; principal: { id: string; name: string; permissions: string[] }; now: number }
  | { type: 'snapshot'; topic: string; sequence: number; at: number; data: unknown }
  | { type: 'update'; topic: string; sequence: number; at: number; data: unknown }
  | { type: 'resync'; topic: string; sequence: number; missed: number }
  | { type: 'unsubscribed'; topic: string }
  | { type: 'pong'; id: number; now: number }
  | { type: 'heartbeat'; now: number }
  | { type: 'error'; code: string; detail: string; topic?: string }
