import { type Clock, MICROS_PER_SECOND, type Micros } from '../kernel/index.ts'
import type { HealthPart, SystemHealthView } from './views.ts'

type State = HealthPart['state']
export interface Verdict {
  readonly state: State
  readonly detail: string
}

/** What the health page asks of each part. A check that throws is a part that is down. */
export type HealthSources = { readonly [Name in HealthPart['name']]: () => Verdict | Promise<Verdict> }

export interface HealthOptions {
  readonly clock: Clock
  readonly sources: HealthSources
  readonly figures: () => SystemHealthView['figures'] | Promise<SystemHealthView['figures']>
}

const WORST: readonly State[] = ['ok', 'degraded', 'down']

/** Looks at every part of the system and remembers since when each has been as it is. */
export class SystemHealth {
  readonly #options: HealthOptions
  readonly #since = new Map<string, { state: State; since: Micros }>()
  #view: SystemHealthView | null = null

  constructor(options: HealthOptions) {
    this.#options = options
  }

  /** The last look, or a first one. */
  async view(): Promise<SystemHealthView> {
    return this.#view ?? this.look()
  }

  async look(): Promise<SystemHealthView> {
    const { clock, sources, figures } = this.#options
    const names = Object.keys(sources) as HealthPart['name'][]
    const parts = await Promise.all(names.map(name => this.#part(name, sources[name])))
    const state = parts.reduce<State>(
      (worst, part) => (WORST.indexOf(part.state) > WORST.indexOf(worst) ? part.state : worst),
      'ok',
    )
    this.#view = { at: clock.now(), state, parts, figures: await figures() }
    return this.#view
  }

  async #part(name: HealthPart['name'], check: HealthSources[HealthPart['name']]): Promise<HealthPart> {
    let verdict: Verdict
    try {
      verdict = await check()
    } catch (error) {
      verdict = { state: 'down', detail: error instanceof Error ? error.message.slice(0, 300) : 'failed' }
    }
    const before = this.#since.get(name)
    const since = before?.state === verdict.state ? before.since : this.#options.clock.now()
    this.#since.set(name, { state: verdict.state, since })
    return { name, ...verdict, since }
  }
}

const STALE_AFTER: Micros = 2 * MICROS_PER_SECOND
const SILENT_AFTER: Micros = 30 * MICROS_PER_SECOND

/** The market's state from when it last said anything. */
export function marketVerdict(lastAt: Micros, now: Micros): Verdict {
  if (lastAt === 0) return { state: 'degraded', detail: 'The market has not opened yet.' }
  const age = now - lastAt
  const seconds = Math.round(age / MICROS_PER_SECOND)
  if (age > SILENT_AFTER) return { state: 'down', detail: `Nothing heard for ${seconds} s.` }
  if (age > STALE_AFTER) return { state: 'degraded', detail: `Nothing heard for ${seconds} s.` }
  return { state: 'ok', detail: 'Books and trades arrive.' }
}
