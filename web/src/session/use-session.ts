import { useSyncExternalStore } from 'react'
import { lookAtSession, readSession, type Session } from './session.ts'

export const useSession = (): Session => useSyncExternalStore(lookAtSession, readSession)
