/**
 * Settings of the embedded PostgreSQL for a small machine: two cores, a few gigabytes, one application.
 * Commits are durable unless a test says otherwise.
 */
export function settingsOf(port: number, durable: boolean): Readonly<Record<string, string>> {
  return {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    // Tests have many databases at once.
    max_connections: durable ? '100' : '300',
    shared_buffers: '128MB',
    work_mem: '8MB',
    max_wal_size: '2GB',
    // Files of the log that are kept to be written again: to make a new one takes a commit tens of milliseconds.
    min_wal_size: '512MB',
    checkpoint_timeout: '15min',
    wal_compression: 'on',
    // With two cores parallel plans and background readers only take time from the commits.
    max_parallel_workers_per_gather: '0',
    io_method: 'sync',
    jit: 'off',
    random_page_cost: '1.1',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Seven files, one a day of the week, each started anew. Statements are never logged: they may hold personal data.
    logging_collector: 'on',
    log_filename: 'postgres-%a.log',
    log_rotation_age: '1d',
    log_rotation_size: '0',
    log_truncate_on_rotation: 'on',
    log_min_error_statement: 'panic',
    fsync: durable ? 'on' : 'off',
    synchronous_commit: durable ? 'on' : 'off',
    full_page_writes: durable ? 'on' : 'off',
  }
}
