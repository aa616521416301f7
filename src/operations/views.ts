import { z } from 'zod'
import { MicrosNumber } from '../market/index.ts'

/** One part of the system, named; `detail` is a sentence for people, never a secret. */
export const HealthPart = z.strictObject({
  name: z.enum(['database', 'market', 'node', 'dispatcher', 'event_loop']),
  state: z.enum(['ok', 'degraded', 'down']),
  detail: z.string(),
  since: MicrosNumber,
})
export type HealthPart = z.infer<typeof HealthPart>

export const SystemHealthView = z.strictObject({
  at: MicrosNumber,
  state: z.enum(['ok', 'degraded', 'down']),
  parts: z.array(HealthPart),
  /** Figures with their unit in the name. */
  figures: z.strictObject({
    uptimeSeconds: z.number(),
    eventsDispatched: z.number(),
    dispatchLag: z.number(),
    deadLetters: z.number(),
    inputsPerSecond: z.number(),
    decisionP99Ms: z.number().nullable(),
    commitP99Ms: z.number().nullable(),
    eventLoopP99Ms: z.number(),
    heapMiB: z.number(),
    sockets: z.number(),
  }),
})
export type SystemHealthView = z.infer<typeof SystemHealthView>
