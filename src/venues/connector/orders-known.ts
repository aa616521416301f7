import type { InstrumentId, OrderId, OrderRequest } from '../../kernel/index.ts'

/** Orders that a connector keeps in mind; the oldest is forgotten first, and its late reports are reconciliation's. */
const ORDERS_KNOWN_MAX = 20_000

export interface KnownOrder {
  readonly request: OrderRequest
  readonly clientId: string
  venueOrderId: string | null
}

/** Which of a venue's orders are ours, by client id and by the venue's id. */
export class OrdersKnown {
  readonly #byOrder = new Map<OrderId, KnownOrder>()
  readonly #byClient = new Map<string, KnownOrder>()
  readonly #byVenue = new Map<string, KnownOrder>()

  add(request: OrderRequest, clientId: string): KnownOrder {
    const before = this.#byOrder.get(request.id)
    if (before !== undefined) return before
    const known: KnownOrder = { request, clientId, venueOrderId: null }
    this.#byOrder.set(request.id, known)
    this.#byClient.set(clientId, known)
    if (this.#byOrder.size > ORDERS_KNOWN_MAX) this.#forgetOldest()
    return known
  }

  learn(known: KnownOrder, instrument: InstrumentId, venueOrderId: string): void {
    if (known.venueOrderId !== null) return
    known.venueOrderId = venueOrderId
    this.#byVenue.set(venueKey(instrument, venueOrderId), known)
  }

  byOrder(id: OrderId): KnownOrder | undefined {
    return this.#byOrder.get(id)
  }

  byClient(clientId: string | null): KnownOrder | undefined {
    return clientId === null ? undefined : this.#byClient.get(clientId)
  }

  byVenue(instrument: InstrumentId, venueOrderId: string): KnownOrder | undefined {
    return this.#byVenue.get(venueKey(instrument, venueOrderId))
  }

  #forgetOldest(): void {
    for (const [id, known] of this.#byOrder) {
      this.#byOrder.delete(id)
      this.#byClient.delete(known.clientId)
      if (known.venueOrderId !== null) this.#byVenue.delete(venueKey(known.request.instrument, known.venueOrderId))
      return
    }
  }
}

const venueKey = (instrument: InstrumentId, venueOrderId: string): string => `${instrument} ${venueOrderId}`
