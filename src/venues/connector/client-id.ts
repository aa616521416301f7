import { createHash } from 'node:crypto'
import type { OrderId } from '../../kernel/index.ts'

const digestOf = (order: OrderId): Buffer => createHash('sha256').update(order).digest()

/**
 * The client id that venues take: 128 bits of the SHA-256 of our order id, as 32 hexadecimal digits. Every venue but one
 * allows as much, and a restart finds it again without a table.
 */
export const clientIdOf = (order: OrderId): string => digestOf(order).toString('hex', 0, 16)

/** The same for venues whose client ids are numbers: 45 bits, never zero. */
export const numericClientIdOf = (order: OrderId): string => {
  const digest = digestOf(order)
  const units = digest.readUIntBE(0, 6) % 2 ** 45
  return String(units === 0 ? 1 : units)
}
