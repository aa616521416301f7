import type { ReactNode } from 'react'
import { Num } from '../../show/show.tsx'
import { rich, t } from '../../text/text.tsx'
import { Labelled } from '../../ui/labelled.tsx'
import { type Fault, type Field, faultOf } from './schema.ts'

export interface Faults {
  readonly [field: string]: string | undefined
}

const faultText = (fault: Fault): string => t(`fault.${fault.rule}`, { bound: fault.bound ?? 0 })

export const faultsOf = (fields: readonly Field[], typed: Readonly<Record<string, string>>): Faults =>
  Object.fromEntries(
    fields.flatMap(field => {
      const fault = faultOf(field, typed[field.name] ?? '')
      return fault ? [[field.name, faultText(fault)]] : []
    }),
  )

interface ParametersProps {
  readonly fields: readonly Field[]
  readonly typed: Readonly<Record<string, string>>
  readonly faults: Faults
  readonly onChange: (name: string, value: string) => void
}

/** A field for each parameter, made from the strategy's own schema. */
export const Parameters = ({ fields, typed, faults, onChange }: ParametersProps): ReactNode => (
  <div className="grid gap-x-4 gap-y-3 sm:grid-cols-2">
    {fields.map(field => (
      <ParameterField
        key={field.name}
        field={field}
        value={typed[field.name] ?? ''}
        fault={faults[field.name]}
        onChange={value => onChange(field.name, value)}
      />
    ))}
  </div>
)

function ParameterField({
  field,
  value,
  fault,
  onChange,
}: {
  field: Field
  value: string
  fault: string | undefined
  onChange: (value: string) => void
}): ReactNode {
  return (
    <Labelled label={<bdi dir="auto">{field.title}</bdi>} hint={<Hint field={field} />} fault={fault}>
      {props =>
        field.kind === 'boolean' || field.kind === 'choice' ? (
          <select
            {...props}
            className="field"
            value={value}
            onChange={event => onChange(event.target.value)}
            data-testid={`parameter-${field.name}`}
          >
            {(field.kind === 'boolean' ? ['true', 'false'] : field.choices).map(choice => (
              <option key={choice} value={choice}>
                {field.kind === 'boolean' ? t(choice === 'true' ? 'settings.on' : 'settings.off') : choice}
              </option>
            ))}
          </select>
        ) : (
          <input
            {...props}
            className="field num text-start!"
            dir="ltr"
            inputMode={
              field.kind === 'integer' ? 'numeric' : field.kind === 'text' || field.kind === 'json' ? 'text' : 'decimal'
            }
            autoComplete="off"
            value={value}
            onChange={event => onChange(event.target.value)}
            data-testid={`parameter-${field.name}`}
          />
        )
      }
    </Labelled>
  )
}

function Hint({ field }: { field: Field }): ReactNode {
  const low = field.minimum ?? field.exclusiveMinimum
  const high = field.maximum ?? field.exclusiveMaximum
  const range =
    low !== undefined && high !== undefined
      ? rich('parameter.between', { low: <Num value={low} />, high: <Num value={high} /> })
      : low !== undefined
        ? rich('parameter.from', { low: <Num value={low} /> })
        : high !== undefined
          ? rich('parameter.to', { high: <Num value={high} /> })
          : null
  if (!field.description && !range) return null
  return (
    <>
      {field.description && <bdi dir="auto">{field.description}</bdi>}
      {field.description && range && ' · '}
      {range}
    </>
  )
}
