import { expect, test } from 'vitest'
import { createMetrics } from '../../platform/index.ts'
import { discrepancyMetrics } from './metrics.ts'
import type { DiscrepancyView } from './views.ts'

const found = (venue: string, classification: string, action: DiscrepancyView['action']): DiscrepancyView => ({
  id: 'a hash',
  venue,
  kind: 'fill',
  classification,
  action,
  subject: 'kraken:XRP/USD/T1',
  ours: 'nothing',
  theirs: 'something',
  explanation: 'a test',
  foundAt: 1,
  settledAt: null,
  settledBy: null,
})

test('differences are counted by venue, class and what was done; their subjects are no labels', async () => {
  const metrics = createMetrics()
  const count = discrepancyMetrics(metrics)
  count([found('kraken', 'fill_missed', 'corrected'), found('kraken', 'fee_differs', 'escalated')])
  count([found('kraken', 'fill_missed', 'corrected'), found('okx', 'fill_missed', 'corrected')])
  const { text } = await metrics.text()
  const name = 'bourse_venue_discrepancies_total'
  expect(text.split('\n').filter(line => line.startsWith(name))).toEqual([
    `${name}{venue="kraken",classification="fill_missed",action="corrected"} 2`,
    `${name}{venue="kraken",classification="fee_differs",action="escalated"} 1`,
    `${name}{venue="okx",classification="fill_missed",action="corrected"} 1`,
  ])
})
