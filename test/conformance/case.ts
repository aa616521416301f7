import type { Feature } from '../../src/venues/index.ts'
import type { Stage } from './stage.ts'

/** What a venue behind the port is held to. */
export interface Case {
  readonly id: string
  readonly title: string
  /** What a venue must have for it; one that lacks it says why. */
  readonly needs?: Feature
  /** It is about faults itself: no other is set. */
  readonly setsFaults?: true
  run(stage: Stage): Promise<void>
}
