import { createHash } from 'node:crypto'
import type { OrderId } from '../../kernel/index.ts'

/**
 * The client id that venues take: 128 bits of the SHA-256 of our order id, as 32 hexadecimal digits. Every venue but one
 * allows as much, and a restart finds it again without a table.
 */
export const clientIdOf = (order: OrderId): string => createHash('sha256').update(order).digest('hex').slice(0, 32)
