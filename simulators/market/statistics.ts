/** Statistics of returns and volumes, for checking the simulated market against real ones. */

type Series = ArrayLike<number> & Iterable<number>

export const mean = (values: Series): number => {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}

export function correlation(a: Series, b: Series): number {
  const [meanA, meanB] = [mean(a), mean(b)]
  let [ab, aa, bb] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]! - meanA, b[i]! - meanB]
    ab += x * y
    aa += x * x
    bb += y * y
  }
  return ab / Math.sqrt(aa * bb)
}

/** Correlation of a series with itself `lag` steps earlier. */
export function autocorrelation(values: Series, lag: number): number {
  const middle = mean(values)
  let [product, square] = [0, 0]
  for (let i = 0; i < values.length; i++) {
    const x = values[i]! - middle
    square += x * x
    if (i >= lag) product += x * (values[i - lag]! - middle)
  }
  return product / square
}

/** 0 for a normal distribution; fat tails make it large. */
export function excessKurtosis(values: Series): number {
  const middle = mean(values)
  let [second, fourth] = [0, 0]
  for (const value of values) {
    const square = (value - middle) ** 2
    second += square
    fourth += square * square
  }
  return (fourth * values.length) / (second * second) - 3
}

/** Log-returns from each value to the next. */
export const returnsOf = (prices: Series): number[] =>
  Array.from({ length: prices.length - 1 }, (_, i) => Math.log(prices[i + 1]! / prices[i]!))

/**
 * How the price moves with size: the slope, in logarithms, of the mean signed move over the mean size in bins of equal
 * count. 1 is proportional; the square-root law is 0.5. Bins whose mean move is not positive are left out.
 */
export function impactExponent(sizes: readonly number[], moves: readonly number[], bins = 7): number {
  const order = sizes.map((_, i) => i).sort((a, b) => sizes[a]! - sizes[b]!)
  const points: [number, number][] = []
  for (let bin = 0; bin < bins; bin++) {
    const part = order.slice(Math.floor((bin * order.length) / bins), Math.floor(((bin + 1) * order.length) / bins))
    const [size, move] = [mean(part.map(i => sizes[i]!)), mean(part.map(i => moves[i]!))]
    if (size > 0 && move > 0) points.push([Math.log(size), Math.log(move)])
  }
  const [x, y] = [mean(points.map(point => point[0])), mean(points.map(point => point[1]))]
  const covariance = mean(points.map(point => (point[0] - x) * (point[1] - y)))
  return covariance / mean(points.map(point => (point[0] - x) ** 2))
}
