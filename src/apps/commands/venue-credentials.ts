import {
  createEnvelopes,
  createLog,
  createSupervisor,
  type KeyProvider,
  loadConfig,
  localKeys,
  systemClock,
  systemIds,
  systemRandom,
  systemTimers,
} from '../../platform/index.ts'
import {
  type Credentials,
  createCredentials,
  nodeTransport,
  openVenue,
  type ReadPermissions,
} from '../../venues/index.ts'
import { openDatabase } from '../open-database.ts'

/** Opens the database, and a connection to a venue for as long as it is asked. */
export async function withCredentials<T>(
  options: { readonly data?: string },
  run: (credentials: Credentials, machine: { keys: KeyProvider; ownerUrl: string }) => Promise<T>,
): Promise<T> {
  const config = loadConfig({ ...process.env, ...(options.data === undefined ? {} : { BOURSE_DATA: options.data }) })
  const log = createLog({ level: 'error', destination: process.stderr })
  const timers = systemTimers()
  const supervisor = createSupervisor({ log, timers })
  const transport = nodeTransport(timers)
  supervisor.onStop('connections to venues', () => transport.close())
  try {
    const { db, ownerUrl } = await openDatabase({ config, dataDir: config.dataDir, supervisor, log })
    const clock = systemClock()
    const readPermissions: ReadPermissions = async (place, key) => {
      const venue = openVenue({ ...place, key, transport, clock, timers, random: systemRandom() })
      try {
        return await venue.permissions()
      } finally {
        await venue.close()
      }
    }
    const keys = localKeys(config.dataDir)
    const envelopes = createEnvelopes(keys)
    return await run(createCredentials({ db, envelopes, readPermissions, ids: systemIds(), clock }), { keys, ownerUrl })
  } finally {
    await supervisor.stop('done')
  }
}
