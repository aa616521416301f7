import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export type { Counter, Gauge, Histogram } from 'prom-client'

/** Fits what takes microseconds to seconds. */
const SECONDS_BUCKETS = [
  0.000_1, 0.000_5, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const

/** One figure of a metric with labels. */
export interface Reading<Label extends string> {
  readonly labels: Readonly<Record<Label, string>>
  readonly value: number
}

/** The metrics of one process, in a registry of their own. Label values come from closed sets, never from callers' input. */
export interface Metrics {
  counter<Label extends string = never>(name: string, help: string, labels?: readonly Label[]): Counter<Label>
  /** What others count or measure: all of it is read when somebody asks. */
  readings<Label extends string>(
    type: 'counter' | 'gauge',
    name: string,
    help: string,
    labels: readonly Label[],
    read: () => readonly Reading<Label>[],
  ): void
  /** With `collect` the value is read when somebody asks for it. */
  gauge<Label extends string = never>(
    name: string,
    help: string,
    options?: { labels?: readonly Label[]; collect?: () => number | Promise<number> },
  ): Gauge<Label>
  histogram<Label extends string = never>(
    name: string,
    help: string,
    options?: { labels?: readonly Label[]; buckets?: readonly number[] },
  ): Histogram<Label>
  /** All of them in the text format of Prometheus, and its content type. */
  text(): Promise<{ text: string; contentType: string }>
}

/** @param options.process adds those of Node.js: event loop, heap, garbage collection, handles. */
export function createMetrics(options: { process?: boolean } = {}): Metrics {
  const registry = new Registry()
  const registers = [registry]
  if (options.process) collectDefaultMetrics({ register: registry })
  return {
    counter: (name, help, labels = []) => new Counter({ name, help, labelNames: [...labels], registers }),
    readings(type, name, help, labelNames, read) {
      const common = { name, help, labelNames: [...labelNames], registers }
      if (type === 'gauge')
        new Gauge({
          ...common,
          collect() {
            this.reset()
            for (const { labels, value } of read()) this.set(labels, value)
          },
        })
      else
        new Counter({
          ...common,
          collect() {
            this.reset()
            for (const { labels, value } of read()) this.inc(labels, value)
          },
        })
    },
    gauge: (name, help, { labels = [], collect } = {}) =>
      new Gauge({
        name,
        help,
        labelNames: [...labels],
        registers,
        ...(collect && {
          async collect() {
            // One figure that cannot be had must not hide the others.
            try {
              this.set(await collect())
            } catch {
              this.set(Number.NaN)
            }
          },
        }),
      }),
    histogram: (name, help, { labels = [], buckets = SECONDS_BUCKETS } = {}) =>
      new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers }),
    text: async () => ({ text: await registry.metrics(), contentType: registry.contentType }),
  }
}
