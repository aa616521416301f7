/** No order, level, node or record: the end of a list, an empty place. */
export const NONE = -1

type TypedArray = Float64Array | Int32Array | Uint8Array

/** The same numbers in an array of this length. */
export function grown<A extends TypedArray>(array: A, length: number): A {
  const next = new (array.constructor as new (length: number) => A)(length)
  next.set(array)
  return next
}
