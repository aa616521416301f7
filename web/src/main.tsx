import './styles/app.css'
import { RouterProvider } from '@tanstack/react-router'
import { createRoot } from 'react-dom/client'
import { startFeed } from './feed/feed.ts'
import { router } from './router.tsx'
import { renew } from './session/session.ts'
import { textsReady } from './text/text.tsx'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')

void renew().catch(() => undefined)
startFeed()
await textsReady
createRoot(root).render(<RouterProvider router={router} />)
