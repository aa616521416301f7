import type { ReactNode } from 'react'

const PATHS = {
  trade: 'M4 19V9m0-2V5m8 14v-4m0-6V5m8 14V13m0-4V5M2.5 9h3v6h-3zM10.5 9h3v6h-3zM18.5 9h3v4h-3z',
  exchange: 'M4 8h14M14 4l4 4-4 4M20 16H6M10 12l-4 4 4 4',
  strategies: 'M4 18l5-6 4 3 7-9M15 6h5v5',
  orders: 'M5 6h14M5 12h14M5 18h9',
  venues: 'M3 9.5L12 4l9 5.5zM6 9.5V18m6-8.5V18m6-8.5V18M3.5 20h17',
  reconciliation: 'M12 4v16M8 20h8M5 6.5h14M5 6.5L2 13a3 3 0 0 0 6 0zM19 6.5L16 13a3 3 0 0 0 6 0z',
  portfolio: 'M12 3v9h9A9 9 0 1 1 12 3zM15.5 3.6A9 9 0 0 1 20.4 8.5h-4.9z',
  ledger: 'M6 3h12v18H6zM6 7H3.5M6 12H3.5M6 17H3.5M10 8h5M10 12h5',
  events: 'M4 12h4l3-8 4 16 2-8h3',
  health: 'M12 20s-8-4.8-8-11a4.5 4.5 0 0 1 8-2.8A4.5 4.5 0 0 1 20 9c0 6.2-8 11-8 11z',
  settings: 'M4 7h9m4 0h3M4 17h3m4 0h9M15 4.5v5M9 14.5v5',
  stop: 'M8 3h8l5 5v8l-5 5H8l-5-5V8zM12 8v5m0 3v.1',
  clock: 'M12 7v5l3 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
  close: 'M6 6l12 12M18 6L6 18',
  chevron: 'M6 9l6 6 6-6',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L21 21',
  table: 'M4 5h16v14H4zM4 10h16M10 10v9',
  download: 'M12 4v11m-4-4l4 4 4-4M5 20h14',
  plus: 'M12 5v14M5 12h14',
  help: 'M9.5 9a2.5 2.5 0 1 1 3.4 2.3c-.6.3-.9.7-.9 1.4v.8M12 17v.1M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
  warning: 'M12 4l9 16H3zM12 10v4m0 3v.1',
  play: 'M7 5l12 7-12 7z',
  square: 'M6 6h12v12H6z',
  edit: 'M4 20h4L19 9l-4-4L4 16z',
} as const

export type IconName = keyof typeof PATHS

/** Always beside a text or inside a control that has a name; so it is hidden from screen readers. */
export const Icon = ({
  name,
  size = 16,
  className,
}: {
  name: IconName
  size?: number
  className?: string
}): ReactNode => (
  <svg
    aria-hidden="true"
    viewBox="0 0 24 24"
    width={size}
    height={size}
    fill="none"
    stroke="currentColor"
    strokeWidth="1.75"
    strokeLinecap="round"
    strokeLinejoin="round"
    className={`shrink-0 ${className ?? ''}`}
  >
    <path d={PATHS[name]} />
  </svg>
)
