import type { ReactNode } from 'react'

interface SegmentProps<T extends string | number | boolean> {
  readonly label: string
  readonly options: readonly (readonly [T, ReactNode])[]
  readonly value: T
  readonly onChange: (value: T) => void
  readonly testId?: string
  readonly fill?: boolean
}

/** A few choices side by side, one of them pressed. */
export const Segment = <T extends string | number | boolean>(props: SegmentProps<T>): ReactNode => (
  <fieldset className={`segment ${props.fill ? 'w-full' : ''}`} aria-label={props.label}>
    {props.options.map(([value, name]) => (
      <button
        key={String(value)}
        type="button"
        className={props.fill ? 'flex-1' : undefined}
        aria-pressed={value === props.value}
        onClick={() => props.onChange(value)}
        data-testid={props.testId && `${props.testId}-${value}`}
      >
        {name}
      </button>
    ))}
  </fieldset>
)
