import { AppError } from '../../../kernel/index.ts'

/** A longer line is no candle. */
const LINE_LENGTH_MAX = 8_192

/**
 * Calls `visit` with every line that is not blank and its number from 1, without its line end. Bytes are read as Latin-1:
 * all that matters in these files is ASCII, and no chunk can cut a character in two.
 * @throws AppError `import.unrecognised` for a line beyond `LINE_LENGTH_MAX`
 */
export async function eachLine(
  chunks: AsyncIterable<Uint8Array>,
  visit: (line: string, number: number) => void,
): Promise<void> {
  let carry = ''
  let number = 0
  const give = (text: string, from: number, to: number) => {
    number += 1
    const end = to > from && text.charCodeAt(to - 1) === 13 ? to - 1 : to
    if (end === from) return
    visit(text.slice(number === 1 && text.startsWith('\u00ef\u00bb\u00bf') ? 3 : from, end), number)
  }
  for await (const chunk of chunks) {
    const text = carry + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1')
    let from = 0
    for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
      give(text, from, to)
      from = to + 1
    }
    carry = text.slice(from)
    if (carry.length > LINE_LENGTH_MAX)
      throw new AppError('import.unrecognised', {
        field: 'file',
        rule: `has a line over ${LINE_LENGTH_MAX} characters`,
      })
  }
  if (carry.length > 0) give(carry, 0, carry.length)
}

/** Cells of a line. Quotes around a cell are dropped; a delimiter inside quotes belongs to the cell. */
export function cellsOf(line: string, delimiter: string): string[] {
  if (!line.includes('"')) return line.split(delimiter)
  const cells: string[] = []
  let cell = ''
  let isQuoted = false
  for (const char of line) {
    if (char === '"') isQuoted = !isQuoted
    else if (char === delimiter && !isQuoted) {
      cells.push(cell)
      cell = ''
    } else cell += char
  }
  cells.push(cell)
  return cells
}
