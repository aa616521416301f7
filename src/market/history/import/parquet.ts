import { AppError } from '../../../kernel/index.ts'
import { withDuckDb } from '../duckdb.ts'

/** Rows of a Parquet file as text cells, times as microseconds since 1970, in the file's order and in bounded memory. */
export async function eachParquetRow(
  path: string,
  begin: (names: readonly string[], firstRow: readonly string[]) => void,
  visit: (cells: readonly string[], row: number) => void,
): Promise<void> {
  await withDuckDb(async connection => {
    const schema = await connection.runAndReadAll('DESCRIBE SELECT * FROM read_parquet(?)', [path]).catch(cause => {
      throw new AppError('import.unrecognised', { field: 'file', rule: 'is Parquet that cannot be read' }, { cause })
    })
    const columns = schema
      .getRowObjects()
      .map(row => ({ name: String(row.column_name), type: String(row.column_type) }))
    const cells = columns.map(({ name, type }) => {
      const quoted = `"${name.replaceAll('"', '""')}"`
      return /^(TIMESTAMP|DATE)/.test(type) ? `epoch_us(${quoted})::VARCHAR` : `${quoted}::VARCHAR`
    })
    const result = await connection.stream(`SELECT ${cells.join(', ')} FROM read_parquet(?)`, [path])
    let row = 0
    for (;;) {
      const chunk = await result.fetchChunk()
      if (chunk === null || chunk.rowCount === 0) return
      for (const values of chunk.getRows()) {
        const texts = values.map(value => (value === null ? '' : String(value)))
        row += 1
        if (row === 1)
          begin(
            columns.map(column => column.name.trim().toLowerCase()),
            texts,
          )
        visit(texts, row)
      }
    }
  })
}
