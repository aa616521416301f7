import { useNavigate } from '@tanstack/react-router'
import { type KeyboardEvent, type ReactNode, useId, useMemo, useState } from 'react'
import { useRuns, useTicker } from '../feed/use-feed.ts'
import { changeSettings } from '../settings/settings.ts'
import { Sym } from '../show/show.tsx'
import { type Key, t, useLanguage } from '../text/text.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { showOverlay } from './overlay.ts'
import { PLACES } from './places.ts'

interface Command {
  readonly id: string
  readonly group: Key
  readonly text: string
  readonly ltr?: boolean
  readonly run: () => void
}

const SHOWN_MAX = 30

function useCommands(): readonly Command[] {
  const language = useLanguage()
  const navigate = useNavigate()
  const ticker = useTicker().data
  const runs = useRuns().data
  // biome-ignore lint/correctness/useExhaustiveDependencies: the texts follow the language
  return useMemo(() => {
    const pages = PLACES.map(place => ({
      id: place.to,
      group: 'palette.pages' as const,
      text: t(place.label),
      run: () => void navigate({ to: place.to }),
    }))
    const symbols = [...(ticker?.keys() ?? [])].map(id => {
      const pair = id.split(':')[1] ?? id
      return {
        id,
        group: 'palette.symbols' as const,
        text: pair,
        ltr: true,
        run: () =>
          void (id.startsWith('house:')
            ? navigate({ to: '/exchange/$instrument', params: { instrument: pair.replace('/', '-') } })
            : navigate({ to: '/t/$pair', params: { pair: pair.replace('/', '-') } })),
      }
    })
    const ofRuns = (runs ?? []).map(run => ({
      id: run.id,
      group: 'palette.runs' as const,
      text: run.name,
      run: () => void navigate({ to: '/runs/$id', params: { id: run.id } }),
    }))
    const choices: Command[] = [
      {
        id: 'light',
        group: 'palette.settings',
        text: t('palette.theme.light'),
        run: () => changeSettings({ theme: 'light' }),
      },
      {
        id: 'dark',
        group: 'palette.settings',
        text: t('palette.theme.dark'),
        run: () => changeSettings({ theme: 'dark' }),
      },
      {
        id: 'system',
        group: 'palette.settings',
        text: t('palette.theme.system'),
        run: () => changeSettings({ theme: 'system' }),
      },
      { id: 'en', group: 'palette.settings', text: 'English', run: () => changeSettings({ language: 'en' }) },
      { id: 'fa', group: 'palette.settings', text: 'فارسی', run: () => changeSettings({ language: 'fa' }) },
      { id: 'help', group: 'palette.settings', text: t('help.title'), run: () => showOverlay('help') },
      { id: 'kill', group: 'palette.danger', text: t('palette.kill'), run: () => showOverlay('kill') },
    ]
    return [...pages, ...symbols, ...ofRuns, ...choices]
  }, [language, ticker?.size, runs, navigate])
}

/** Finds a page, a symbol, a run or a setting. What is dangerous only opens its own dialog. */
export default function Palette({ onClose }: { onClose: () => void }): ReactNode {
  const commands = useCommands()
  const id = useId()
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const words = query.toLocaleLowerCase().split(/\s+/).filter(Boolean)
  const found = commands
    .filter(command => words.every(word => command.text.toLocaleLowerCase().includes(word)))
    .slice(0, SHOWN_MAX)
  const active = Math.min(at, found.length - 1)

  function choose(command: Command | undefined): void {
    if (!command) return
    onClose()
    command.run()
  }
  function onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) setAt((active + step + found.length) % Math.max(1, found.length))
    else if (event.key === 'Enter') choose(found[active])
    else return
    event.preventDefault()
  }

  return (
    <Dialog title={t('palette.title')} onClose={onClose} testId="palette">
      <input
        className="field"
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={found[active] ? `${id}-${active}` : undefined}
        aria-label={t('palette.label')}
        placeholder={t('palette.label')}
        data-first
        value={query}
        onChange={event => {
          setQuery(event.target.value)
          setAt(0)
        }}
        onKeyDown={onKeyDown}
      />
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={t('palette.title')}
        className="mt-2 flex max-h-80 flex-col overflow-auto"
      >
        {found.map((command, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the combobox
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the combobox
          <div
            key={`${command.group}/${command.id}`}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            className={`flex min-h-(--row) cursor-pointer items-center gap-3 rounded-control px-2 ${index === active ? 'bg-surface2 outline-2 -outline-offset-2 outline-focus' : ''}`}
            onClick={() => choose(command)}
            onPointerMove={() => setAt(index)}
          >
            <span className="flex-1">{command.ltr ? <Sym>{command.text}</Sym> : <bdi>{command.text}</bdi>}</span>
            <span className="text-caption text-text-2">{t(command.group)}</span>
          </div>
        ))}
      </div>
      {found.length === 0 && <p className="p-2 text-text-2">{t('palette.none')}</p>}
    </Dialog>
  )
}
