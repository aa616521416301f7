import { RouterProvider } from '@tanstack/react-router'
import { createRoot } from 'react-dom/client'
import { pageParts, router } from './router.tsx'
import { preloadLater } from './shell/later.tsx'
import { shellParts } from './shell/shell.tsx'
import { textsReady } from './text/text.tsx'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')

if (/^\/(t\/|$)/.test(location.pathname)) pageParts[0]?.preload().catch(() => undefined)
await textsReady
createRoot(root).render(<RouterProvider router={router} />)
preloadLater([...shellParts, ...pageParts])
