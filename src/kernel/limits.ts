/** Bounds that more than one subject needs. A bound that one subject needs lives with that subject. */
export const PAGE_SIZE_MAX = 500
export const NAME_LENGTH_MAX = 120
export const TEXT_LENGTH_MAX = 2_000
export const DECIMAL_LENGTH_MAX = 60
