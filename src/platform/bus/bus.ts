import type { Log } from '../log/log.ts'

const BUS_QUEUE_MAX = 10_000

/** How a subscriber reads: one message at a time, in order. */
export interface BusSubscriber<Message> {
  handle(message: Message): void | Promise<void>
  /** Messages that may wait; by default BUS_QUEUE_MAX. */
  readonly queueMax?: number
  /** So many messages found no room and are gone: the subscriber reads its state afresh. */
  lost(count: number): void
}

/**
 * Publish and subscribe between the parts of the product, by topic; in this process, or through a server where there are many.
 * Messages are hints: facts are events, and whoever must not miss one subscribes to the dispatcher.
 * @example createLocalBus<{ 'book.changed': BookChanged }>({ log })
 */
export interface Bus<Messages extends object> {
  publish<Topic extends keyof Messages & string>(topic: Topic, message: Messages[Topic]): void
  /** Gives the function that ends the subscription. */
  subscribe<Topic extends keyof Messages & string>(topic: Topic, subscriber: BusSubscriber<Messages[Topic]>): () => void
  /** Resolves when everything published so far has been handled or lost. */
  settled(): Promise<void>
  close(): Promise<void>
}

/** The bus of one process. */
export function createLocalBus<Messages extends object>({ log }: { log: Log }): Bus<Messages> {
  const topics = new Map<string, Set<Reader<never>>>()
  const readers = () => [...topics.values()].flatMap(set => [...set])
  const bus: Bus<Messages> = {
    publish(topic, message) {
      for (const reader of topics.get(topic) ?? []) reader.put(message as never)
    },
    subscribe(topic, subscriber) {
      const set = topics.get(topic) ?? new Set()
      topics.set(topic, set)
      const reader = new Reader(subscriber, topic, log) as Reader<never>
      set.add(reader)
      return () => {
        reader.stop()
        set.delete(reader)
      }
    },
    async settled() {
      while (readers().some(reader => reader.isBusy)) await Promise.all(readers().map(reader => reader.idle()))
    },
    async close() {
      await bus.settled()
      topics.clear()
    },
  }
  return bus
}

/** The queue of one subscriber. A handler that fails is logged; the next message goes on. */
class Reader<Message> {
  readonly #subscriber: BusSubscriber<Message>
  readonly #topic: string
  readonly #log: Log
  #queue: Message[] = []
  #lost = 0
  #running: Promise<void> | undefined

  constructor(subscriber: BusSubscriber<Message>, topic: string, log: Log) {
    this.#subscriber = subscriber
    this.#topic = topic
    this.#log = log
  }

  get isBusy(): boolean {
    return this.#running !== undefined
  }

  put(message: Message): void {
    if (this.#queue.length >= (this.#subscriber.queueMax ?? BUS_QUEUE_MAX)) {
      this.#lost += this.#queue.length + 1
      this.#queue = []
    } else if (this.#lost > 0) this.#lost++
    else this.#queue.push(message)
    this.#running ??= this.#run()
  }

  stop(): void {
    this.#queue = []
    this.#lost = 0
  }

  idle(): Promise<void> {
    return this.#running ?? Promise.resolve()
  }

  async #run(): Promise<void> {
    // Never in the publisher's turn: who publishes is not held up by who reads.
    await Promise.resolve()
    while (this.#queue.length > 0 || this.#lost > 0) {
      try {
        if (this.#lost > 0) {
          const lost = this.#lost
          this.#lost = 0
          this.#subscriber.lost(lost)
        } else await this.#subscriber.handle(this.#queue.shift()!)
      } catch (error) {
        this.#log.warn({ topic: this.#topic, error }, 'a subscriber failed')
      }
    }
    this.#running = undefined
  }
}
