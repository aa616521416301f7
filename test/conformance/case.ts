import type { Capabilities } from '../../src/venues/index.ts'
import type { Stage } from './stage.ts'

/** What a venue behind the port is held to. */
export interface Case {
  readonly id: string
  readonly title: string
  /** Why it does not apply to a venue, in the venue's terms; null where it does. */
  readonly excused?: (capabilities: Capabilities) => string | null
  /** It is about faults itself: no other is set. */
  readonly setsFaults?: true
  run(stage: Stage): Promise<void>
}
