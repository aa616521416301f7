/** The symbol that was looked at last, so that going back to the trade page does not change it. */
let pair = 'XRP-USD'
export const lastPair = (): string => pair
export const rememberPair = (next: string): void => {
  pair = next
}
