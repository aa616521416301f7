import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { SingleBar } from 'cli-progress'
import { AppError } from '../kernel/index.ts'
import { BUILT_IN } from '../strategies/index.ts'
import type { AnyStrategy } from '../trading/index.ts'

/** @throws AppError `strategy.unknown` naming the strategies there are */
export function strategyNamed(name: string): AnyStrategy {
  const strategy = BUILT_IN.find(one => one.name === name)
  if (strategy === undefined)
    throw new AppError('strategy.unknown', {
      field: '--strategy',
      rule: `is one of ${BUILT_IN.map(one => one.name).join(', ')}`,
    })
  return strategy
}

/** A bar on the error output while something long goes on; silent where nobody watches. */
export function progressBar(title: string, isQuiet: boolean): { set(share: number): void; stop(): void } {
  if (isQuiet || !process.stderr.isTTY) return { set() {}, stop() {} }
  const bar = new SingleBar({
    format: `${title.padEnd(8)} {bar} {percentage} %`,
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
  })
  bar.start(100, 0)
  return { set: share => bar.update(Math.round(share * 100)), stop: () => bar.stop() }
}

/** A number given by a flag, scaled and whole where a scale is given; undefined when the flag is absent. */
export function numberOption(
  flag: string,
  text: string | undefined,
  { min, max, scale }: { min: number; max: number; scale?: number },
): number | undefined {
  if (text === undefined) return undefined
  const number = text.trim() === '' ? Number.NaN : Number(text)
  if (!(number >= min && number <= max))
    throw new AppError('request.invalid', { field: flag, rule: `is a number from ${min} to ${max}`, value: text })
  return scale === undefined ? number : Math.round(number * scale)
}

/** Lines of a text file, plain or gzip. @throws AppError naming the file when it cannot be read */
export async function* linesOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path)
  const failed = new Promise<never>((_, reject) => file.once('error', error => reject(unreadable(path, error))))
  await Promise.race([new Promise(resolve => file.once('open', resolve)), failed])
  failed.catch(() => {})
  const input = path.endsWith('.gz') ? file.pipe(createGunzip()) : file
  yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
}

const unreadable = (path: string, error: Error): AppError =>
  new AppError('request.invalid', {
    field: path,
    rule: `cannot be read (${(error as NodeJS.ErrnoException).code ?? error.message})`,
  })
