import { silentLog } from '../log/log.ts'
import { createLocalBus } from './bus.ts'
import { busContract } from './bus-contract.ts'

busContract('local bus', () => createLocalBus({ log: silentLog }))
