/**
 * Requests whose numbers must reach the venue in order go side by side until one overtakes another. What was overtaken goes
 * again alone: nothing else is on its way then, and whatever comes waits behind it.
 */
export class NonceLane {
  readonly #underWay = new Set<Promise<unknown>>()
  #alone: Promise<unknown> = Promise.resolve()

  async together<T>(send: () => Promise<T>): Promise<T> {
    for (let last: Promise<unknown> | null = null; last !== this.#alone; ) {
      last = this.#alone
      await last
    }
    return this.#follow(send())
  }

  async alone<T>(send: () => Promise<T>): Promise<T> {
    const before = this.#alone
    const mine = (async () => {
      await before
      await Promise.allSettled(this.#underWay)
      return send()
    })()
    this.#alone = mine.then(
      () => {},
      () => {},
    )
    return mine
  }

  #follow<T>(sent: Promise<T>): Promise<T> {
    const over = () => void this.#underWay.delete(sent)
    this.#underWay.add(sent)
    sent.then(over, over)
    return sent
  }
}
