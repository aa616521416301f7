/** The way to a venue: real sockets in production, memory and a seeded clock in simulations. */
export interface Transport {
  /** @throws TransportError when there is no readable answer */
  fetch(request: HttpRequest): Promise<HttpResponse>
  connect(url: string, events: SocketEvents): ClientSocket
}

export interface HttpRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly timeoutMs: number
}

export interface HttpResponse {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface SocketEvents {
  onOpen(): void
  onFrame(frame: string | Uint8Array): void
  /** Once, whatever ended it: also when it never opened. */
  onClose(reason: string): void
}

export interface ClientSocket {
  send(frame: string): void
  close(): void
}

/** No readable answer. `isSent` is false only where it is certain that no byte of the request left. */
export class TransportError extends Error {
  override readonly name = 'TransportError'
  readonly isSent: boolean

  constructor(message: string, options: { isSent: boolean; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.isSent = options.isSent
  }
}
