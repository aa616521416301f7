import './styles/app.css'
import { lookAt, startFeed } from './feed/feed.ts'
import { askEarly } from './session/early.ts'
import { renew } from './session/session.ts'

/**
 * Runs before the pages' code is there: signs in, opens the stream and asks for what the first page will show, so that
 * on a slow line the data do not wait for the code. What no page looks at within some seconds is let go again.
 */
const SHELL_TOPICS = ['kill-switch', 'health']
const TRADE_TOPICS = ['ticker', 'orders', 'fills', 'runs', 'equity']
const isTrade = /^\/(t\/|$)/.test(location.pathname)

void renew().catch(() => undefined)
startFeed()
for (const topic of isTrade ? [...SHELL_TOPICS, ...TRADE_TOPICS] : SHELL_TOPICS) lookAt(topic, () => undefined)()
if (isTrade) askEarly('/v1/instruments')
void import('./main.tsx')
