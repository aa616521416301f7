import type { ReactNode } from 'react'
import { changeSettings, type Settings, useSettings } from '../settings/settings.ts'
import { type Key, t, useLanguage } from '../text/text.tsx'
import { Flyout } from '../ui/flyout.tsx'
import { Icon } from '../ui/icon.tsx'
import { Segment } from '../ui/segment.tsx'

type Choice = { [K in keyof Settings]: readonly [K, Key, readonly (readonly [Settings[K], Key])[]] }[keyof Settings]

const CHOICES: readonly Choice[] = [
  [
    'theme',
    'settings.theme',
    [
      ['system', 'settings.theme.system'],
      ['light', 'settings.theme.light'],
      ['dark', 'settings.theme.dark'],
    ],
  ],
  [
    'density',
    'settings.density',
    [
      ['compact', 'settings.density.compact'],
      ['default', 'settings.density.default'],
      ['comfortable', 'settings.density.comfortable'],
    ],
  ],
  [
    'colours',
    'settings.colours',
    [
      ['blue', 'settings.colours.blue'],
      ['green', 'settings.colours.green'],
      ['red', 'settings.colours.red'],
    ],
  ],
  [
    'zone',
    'settings.zone',
    [
      ['utc', 'settings.zone.utc'],
      ['local', 'settings.zone.local'],
    ],
  ],
  [
    'digits',
    'settings.digits',
    [
      ['latin', 'settings.digits.latin'],
      ['persian', 'settings.digits.persian'],
    ],
  ],
  [
    'calendar',
    'settings.calendar',
    [
      ['gregorian', 'settings.calendar.gregorian'],
      ['jalali', 'settings.calendar.jalali'],
    ],
  ],
  [
    'keys',
    'settings.keys',
    [
      [true, 'settings.on'],
      [false, 'settings.off'],
    ],
  ],
]

const LANGUAGES: readonly (readonly [Settings['language'], ReactNode])[] = [
  [
    'en',
    <span key="en" lang="en">
      English
    </span>,
  ],
  [
    'fa',
    <span key="fa" lang="fa">
      فارسی
    </span>,
  ],
]

export function SettingsMenu(): ReactNode {
  useLanguage()
  return (
    <Flyout label={t('settings.title')} testId="settings-open" button={<Icon name="settings" size={18} />}>
      {() => <SettingsForm />}
    </Flyout>
  )
}

function SettingsForm(): ReactNode {
  const present = useSettings()
  useLanguage()
  return (
    <div className="flex w-80 max-w-full flex-col gap-3 p-4">
      <div>
        <p className="mb-1 text-text-2" aria-hidden="true">
          {t('settings.language')}
        </p>
        <Segment
          fill
          label={t('settings.language')}
          options={LANGUAGES}
          value={present.language}
          onChange={language => changeSettings({ language })}
          testId="language"
        />
      </div>
      {CHOICES.map(([key, label, options]) => (
        <div key={key}>
          <p className="mb-1 text-text-2" aria-hidden="true">
            {t(label)}
          </p>
          <Segment
            fill
            label={t(label)}
            options={options.map(([value, name]) => [value, t(name)] as const)}
            value={present[key]}
            onChange={value => changeSettings({ [key]: value })}
            testId={key}
          />
        </div>
      ))}
    </div>
  )
}
