import type { DuckDBConnection } from '@duckdb/node-api'

/**
 * Runs `work` with a connection to an in-memory DuckDB, closed afterwards. The library is loaded at the first use: it is a
 * native one of 60 MB that a process which reads no history never needs.
 */
export async function withDuckDb<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '1GB' })
  const connection = await instance.connect()
  try {
    return await work(connection)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
