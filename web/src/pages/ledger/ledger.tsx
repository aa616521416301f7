import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { may } from '../../session/session.ts'
import { useTitle } from '../../shell/title.ts'
import { enMoney } from '../../text/en-money.ts'
import { addTexts, t, useLanguage } from '../../text/text.tsx'
import { Guard, PageHead } from '../../ui/panel.tsx'
import { Segment } from '../../ui/segment.tsx'
import { AccountPart } from './account.tsx'
import { Accounts } from './accounts.tsx'
import { ComparisonCard } from './comparison.tsx'
import { JournalSheet } from './journal.tsx'
import { TrialBalance } from './trial-balance.tsx'
import { VerifyDialog } from './verify.tsx'

addTexts(enMoney)

const VIEWS = ['accounts', 'trial'] as const

export default function LedgerPage(): ReactNode {
  useLanguage()
  useTitle(t('nav.ledger'))
  const search = useSearch({ from: '/ledger' })
  const navigate = useNavigate({ from: '/ledger' })
  const change = (values: Record<string, string | undefined>, replace = true): void =>
    void navigate({ search: before => ({ ...before, ...values }), replace })
  const [isVerifying, setVerifying] = useState(false)
  const view = VIEWS.find(one => one === search.view) ?? 'accounts'
  const openAccount = (account: string): void => change({ account, journal: undefined, tab: undefined }, false)
  return (
    <>
      <PageHead title={t('nav.ledger')}>
        <Segment
          label={t('ledger.view')}
          options={VIEWS.map(one => [one, t(`ledger.view.${one}`)] as const)}
          value={view}
          onChange={next =>
            change({ view: next === 'accounts' ? undefined : next, account: undefined, journal: undefined }, false)
          }
          testId="ledger"
        />
        {may('ledger:verify') && (
          <button type="button" className="btn" onClick={() => setVerifying(true)} data-testid="verify-open">
            {t('verify.open')}
          </button>
        )}
      </PageHead>
      {!search.account && (
        <ComparisonCard
          onAccount={({ owner, asset }) =>
            change({ view: undefined, kind: 'client_trading', owner, asset, journal: undefined }, false)
          }
        />
      )}
      <Guard needs="ledger:read">
        {view === 'trial' ? (
          <TrialBalance at={search.at} onAt={at => change({ at })} />
        ) : search.account ? (
          <AccountPart
            key={search.account}
            id={search.account}
            tab={search.tab}
            onTab={tab => change({ tab })}
            onBack={() => change({ account: undefined, tab: undefined }, false)}
            onJournal={journal => change({ journal })}
            journal={search.journal}
          />
        ) : (
          <Accounts
            filter={{ kind: search.kind, asset: search.asset, owner: search.owner }}
            sort={search.sort}
            onChange={change}
            onOpen={openAccount}
          />
        )}
      </Guard>
      {search.journal && (
        <JournalSheet
          id={search.journal}
          onClose={() => change({ journal: undefined })}
          onJournal={journal => change({ journal })}
          onAccount={openAccount}
        />
      )}
      {isVerifying && <VerifyDialog onClose={() => setVerifying(false)} />}
    </>
  )
}
