import type { ReactNode } from 'react'
import type { HealthPart, SystemHealthView } from '../../contract.ts'
import { useHealth } from '../../feed/use-feed.ts'
import { useTitle } from '../../shell/title.ts'
import { Ago, Num, Time } from '../../show/show.tsx'
import { type Key, rich, t, useLanguage } from '../../text/text.tsx'
import { Guard, PageHead, Panel, Skeleton } from '../../ui/panel.tsx'
import { Age } from '../../ui/stale.tsx'

const LOOK = {
  ok: { colour: 'text-ok', mark: '●' },
  degraded: { colour: 'text-warn', mark: '▲' },
  down: { colour: 'text-danger', mark: '■' },
} as const

export default function HealthPage(): ReactNode {
  useLanguage()
  useTitle(t('nav.health'))
  const { data } = useHealth()
  return (
    <Guard needs="health:read">
      <PageHead title={t('nav.health')}>
        {data && (
          <>
            <Age at={data.at} />
            <State state={data.state} />
          </>
        )}
      </PageHead>
      {!data ? (
        <Skeleton rows={10} />
      ) : (
        <div className="grid content-start lg:grid-cols-2 lg:[&>:not(:first-child)]:border-s [&>*]:border-line max-lg:[&>:not(:first-child)]:border-t">
          <Panel title={t('health.parts')}>
            <ul>
              {data.parts.map(part => (
                <Part key={part.name} part={part} />
              ))}
            </ul>
          </Panel>
          <Panel title={t('health.figures')}>
            <Figures figures={data.figures} />
            <p className="px-3 py-2 text-text-2">{rich('health.measuredAt', { at: <Time at={data.at} /> })}</p>
          </Panel>
        </div>
      )}
    </Guard>
  )
}

const State = ({ state }: { state: HealthPart['state'] }): ReactNode => (
  <span
    className={`inline-flex items-center gap-1.5 font-semibold ${LOOK[state].colour}`}
    data-testid="health-state"
    data-state={state}
  >
    <span aria-hidden="true" className="text-[0.8em]">
      {LOOK[state].mark}
    </span>
    {t(`health.state.${state}`)}
  </span>
)

const Part = ({ part }: { part: HealthPart }): ReactNode => (
  <li
    className="flex flex-wrap items-center gap-x-4 gap-y-0.5 border-b border-line px-3 py-2.5"
    data-testid="health-part"
    data-name={part.name}
  >
    <strong className="w-40 font-semibold">{t(`health.part.${part.name}`)}</strong>
    <State state={part.state} />
    <span className="ms-auto text-text-2">{rich('health.since', { at: <Ago at={part.since} /> })}</span>
    <span className="w-full text-text-2">
      <bdi dir="auto">{part.detail}</bdi>
    </span>
  </li>
)

type Figure = keyof SystemHealthView['figures']
const FIGURES: readonly (readonly [Figure, Key, number, string?])[] = [
  ['inputsPerSecond', 'health.figure.inputsPerSecond', 1, '/s'],
  ['decisionP99Ms', 'health.figure.decisionP99Ms', 2, 'ms'],
  ['commitP99Ms', 'health.figure.commitP99Ms', 2, 'ms'],
  ['eventLoopP99Ms', 'health.figure.eventLoopP99Ms', 2, 'ms'],
  ['eventsDispatched', 'health.figure.eventsDispatched', 0],
  ['dispatchLag', 'health.figure.dispatchLag', 0],
  ['deadLetters', 'health.figure.deadLetters', 0],
  ['sockets', 'health.figure.sockets', 0],
  ['heapMiB', 'health.figure.heapMiB', 1, 'MiB'],
]

const Figures = ({ figures }: { figures: SystemHealthView['figures'] }): ReactNode => (
  <dl className="grid grid-cols-2 sm:grid-cols-3">
    {FIGURES.map(([key, label, decimals, unit]) => (
      <div key={key} className="border-b border-line px-3 py-2.5">
        <dt className="text-text-2">{t(label)}</dt>
        <dd className="text-section font-semibold">
          <Num value={figures[key]} decimals={decimals} unit={unit} />
        </dd>
      </div>
    ))}
    <div className="col-span-full border-b border-line px-3 py-2.5">
      <dt className="text-text-2">{t('health.figure.uptime')}</dt>
      <dd className="text-section font-semibold">
        <Uptime seconds={figures.uptimeSeconds} />
      </dd>
    </div>
  </dl>
)

function Uptime({ seconds }: { seconds: number }): ReactNode {
  const hours = Math.floor(seconds / 3_600)
  const minutes = Math.floor((seconds % 3_600) / 60)
  return (
    <>
      <Num value={hours} unit={t('unit.h')} /> <Num value={minutes} unit={t('unit.min')} />{' '}
      <Num value={Math.floor(seconds % 60)} unit={t('unit.s')} ch={2} />
    </>
  )
}
