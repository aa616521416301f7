import type { ReactNode } from 'react'
import { useSettings } from '../settings/settings.ts'
import { Sym } from '../show/show.tsx'
import { type Key, t, useLanguage } from '../text/text.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { PLACES } from './places.ts'

const GENERAL: readonly (readonly [string, Key])[] = [
  ['?', 'keys.help'],
  ['/', 'keys.palette'],
  ['Ctrl K', 'keys.palette'],
  ['Ctrl Shift K', 'keys.kill'],
  ['t', 'keys.zone'],
  ['Shift D', 'keys.density'],
]
const TRADE: readonly (readonly [string, Key])[] = [
  ['[  ]', 'keys.symbol'],
  ['1 2 3 4', 'keys.interval'],
]
const TABLES: readonly (readonly [string, Key])[] = [
  ['j k ↓ ↑', 'keys.rows'],
  ['Home End', 'keys.ends'],
  ['Enter', 'keys.open'],
  ['Esc', 'keys.leave'],
]

export default function Help({ onClose }: { onClose: () => void }): ReactNode {
  useLanguage()
  const { keys } = useSettings()
  const places = PLACES.map(place => [`g ${place.key}`, place.label] as const)
  return (
    <Dialog title={t('help.title')} onClose={onClose} width="640px" testId="help-dialog">
      {!keys && <p className="mb-3 rounded-control bg-stale-bg p-2 text-stale">{t('help.keysOff')}</p>}
      <div className="grid gap-x-8 gap-y-5 sm:grid-cols-2">
        <Keys title={t('help.general')} keys={GENERAL} />
        <Keys title={t('help.goTo')} keys={places} />
        <Keys title={t('help.trade')} keys={TRADE} />
        <Keys title={t('help.tables')} keys={TABLES} />
      </div>
      <p className="mt-5 border-t border-line pt-3 text-text-2">
        {t('help.charts')}{' '}
        <a className="text-link underline" href="https://www.tradingview.com/" rel="noreferrer" target="_blank">
          TradingView
        </a>
      </p>
    </Dialog>
  )
}

const Keys = ({ title, keys }: { title: string; keys: readonly (readonly [string, Key])[] }): ReactNode => (
  <div>
    <h3 className="mb-1 font-semibold">{title}</h3>
    <dl className="grid grid-cols-[auto_1fr] items-baseline gap-x-3 gap-y-1">
      {keys.map(([key, label]) => (
        <div key={key} className="col-span-full grid grid-cols-subgrid">
          <dt>
            <kbd className="rounded-control border border-control px-1.5 font-mono text-cell">
              <Sym>{key}</Sym>
            </kbd>
          </dt>
          <dd className="text-text-2">{t(label)}</dd>
        </div>
      ))}
    </dl>
  </div>
)
