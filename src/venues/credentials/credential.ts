import { type Decider, type Micros, refuse } from '../../kernel/index.ts'
import type { KeyPermissions, VenueName } from '../port/index.ts'

/** What is known of a key to a venue, and may be shown: nothing of the key itself. */
export interface CredentialFacts {
  readonly venue: VenueName
  /** Tells several keys to one venue apart. */
  readonly label: string
  readonly isTestnet: boolean
  readonly endpoint: { readonly rest: string; readonly ws: string } | null
  /** Somebody has said that this key may be one that may withdraw. */
  readonly isWithdrawAllowed: boolean
  readonly permissions: KeyPermissions
}

/** `may_withdraw`: it works, but was given a right since that it was not taken with. */
export type TestOutcome = 'passed' | 'may_withdraw' | 'unavailable' | 'refused'

export type Credential = CredentialFacts & {
  readonly addedAt: Micros
  readonly rotatedAt: Micros | null
  readonly test: { readonly at: Micros; readonly outcome: TestOutcome } | null
}
export type CredentialState =
  | { readonly state: 'none' }
  | { readonly state: 'removed' }
  | ({ readonly state: 'kept' } & Credential)

export type CredentialCommand =
  | { readonly type: 'add'; readonly at: Micros; readonly facts: CredentialFacts }
  | {
      readonly type: 'rotate'
      readonly at: Micros
      readonly permissions: KeyPermissions
      readonly isWithdrawAllowed: boolean
    }
  | { readonly type: 'test'; readonly at: Micros; readonly result: KeyPermissions | 'unavailable' | 'refused' }
  /** Its envelope does not open: it was changed, moved, or its wrapping key is gone. */
  | { readonly type: 'find_unreadable'; readonly at: Micros; readonly reason: string }
  /** The same key, wrapped with another version of the wrapping key. */
  | { readonly type: 'rewrap'; readonly at: Micros }
  | { readonly type: 'remove'; readonly at: Micros }

export type CredentialEvent =
  | { readonly type: 'credential.added'; readonly at: Micros; readonly facts: CredentialFacts }
  | {
      readonly type: 'credential.rotated'
      readonly at: Micros
      readonly permissions: KeyPermissions
      readonly isWithdrawAllowed: boolean
    }
  | {
      readonly type: 'credential.tested'
      readonly at: Micros
      readonly outcome: TestOutcome
      readonly permissions: KeyPermissions | null
    }
  | { readonly type: 'credential.unreadable'; readonly at: Micros; readonly reason: string }
  | { readonly type: 'credential.rewrapped'; readonly at: Micros }
  | { readonly type: 'credential.removed'; readonly at: Micros }

/** The life of a key to a venue. A key that may withdraw is refused unless somebody has said that it may be one. */
export const credentialDecider: Decider<CredentialState, CredentialCommand, CredentialEvent> = {
  initial: { state: 'none' },

  decide(credential, command) {
    if (command.type === 'add') {
      if (credential.state !== 'none') return refuse('credential.exists')
      const { facts, at } = command
      if (facts.permissions.withdraw === true && !facts.isWithdrawAllowed) return refuse('venue.key_may_withdraw')
      return [{ type: 'credential.added', at, facts }]
    }
    if (credential.state !== 'kept') return refuse('credential.unknown')
    const { at } = command
    switch (command.type) {
      case 'rotate': {
        const { permissions } = command
        const isWithdrawAllowed = credential.isWithdrawAllowed || command.isWithdrawAllowed
        if (permissions.withdraw === true && !isWithdrawAllowed) return refuse('venue.key_may_withdraw')
        return [{ type: 'credential.rotated', at, permissions, isWithdrawAllowed }]
      }
      case 'test': {
        const { result } = command
        if (typeof result === 'string') return [{ type: 'credential.tested', at, outcome: result, permissions: null }]
        const outcome = result.withdraw === true && !credential.isWithdrawAllowed ? 'may_withdraw' : 'passed'
        return [{ type: 'credential.tested', at, outcome, permissions: result }]
      }
      case 'find_unreadable':
        return [{ type: 'credential.unreadable', at, reason: command.reason }]
      case 'rewrap':
        return [{ type: 'credential.rewrapped', at }]
      case 'remove':
        return [{ type: 'credential.removed', at }]
    }
  },

  evolve(credential, event) {
    if (event.type === 'credential.added')
      return { state: 'kept', ...event.facts, addedAt: event.at, rotatedAt: null, test: null }
    if (credential.state !== 'kept') return credential
    switch (event.type) {
      case 'credential.rotated': {
        const { permissions, isWithdrawAllowed, at } = event
        return { ...credential, permissions, isWithdrawAllowed, rotatedAt: at, test: null }
      }
      case 'credential.tested':
        return {
          ...credential,
          permissions: event.permissions ?? credential.permissions,
          test: { at: event.at, outcome: event.outcome },
        }
      case 'credential.unreadable':
      case 'credential.rewrapped':
        return credential
      case 'credential.removed':
        return { state: 'removed' }
    }
  },
}
