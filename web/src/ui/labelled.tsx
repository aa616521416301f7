import { type ReactNode, useId } from 'react'

interface LabelledProps {
  readonly label: ReactNode
  readonly hint?: ReactNode
  readonly fault?: string | undefined
  readonly children: (props: {
    id: string
    'aria-invalid': boolean | undefined
    'aria-describedby': string
  }) => ReactNode
}

/** A label, its control, what is expected and what is wrong, tied together for everyone. */
export function Labelled({ label, hint, fault, children }: LabelledProps): ReactNode {
  const id = useId()
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {children({ id, 'aria-invalid': fault ? true : undefined, 'aria-describedby': `${id}-about` })}
      <p id={`${id}-about`} className="text-cell text-text-2 empty:hidden">
        {fault && (
          <strong className="block font-medium text-danger" data-testid="field-fault">
            <bdi dir="auto">{fault}</bdi>
          </strong>
        )}
        {hint}
      </p>
    </div>
  )
}
