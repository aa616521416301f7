import { inspect } from 'node:util'

const REDACTED = '[secret]'

/**
 * A text that nobody may see. It prints, logs, compares and serialises as `[secret]`; only {@link Secret.reveal} gives it,
 * and only what signs or encrypts calls that.
 */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  reveal(): string {
    return this.#text
  }

  toString(): string {
    return REDACTED
  }

  toJSON(): string {
    return REDACTED
  }

  [inspect.custom](): string {
    return REDACTED
  }
}
