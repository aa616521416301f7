import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useMemo } from 'react'
import { isOpen } from '../../feed/folds.ts'
import { useOrdersFeed, useRuns } from '../../feed/use-feed.ts'
import { useOrders } from '../../session/queries.ts'
import { later } from '../../shell/later.tsx'
import { useTitle } from '../../shell/title.ts'
import { Num } from '../../show/show.tsx'
import { rich, t, useLanguage } from '../../text/text.tsx'
import { Failure, Guard, Lacking, Note, PageHead, Skeleton } from '../../ui/panel.tsx'
import { Segment } from '../../ui/segment.tsx'
import { ExportButton, Table } from '../../ui/table.tsx'
import { parseSort, sortText } from '../../ui/table-model.ts'
import { mergeOrders } from '../shared/merge-orders.ts'
import { useOrderColumns } from '../shared/order-columns.tsx'

const OrderSheet = later(() => import('../shared/order-sheet.tsx'))
const STATES = ['open', 'closed', 'all'] as const

export default function OrdersPage(): ReactNode {
  useLanguage()
  useTitle(t('nav.orders'))
  const search = useSearch({ from: '/orders' })
  const navigate = useNavigate({ from: '/orders' })
  const change = (values: Record<string, string | undefined>): void =>
    void navigate({ search: before => ({ ...before, ...values }), replace: true })
  const state = STATES.find(one => one === search.state) ?? 'all'
  const sort = parseSort(search.sort)
  const runs = useRuns().data
  const read = useOrders(state, search.run)
  const streamed = useOrdersFeed().data
  const columns = useOrderColumns()
  const rows = useMemo(
    () =>
      mergeOrders(read.data ?? [], streamed?.values() ?? [], order => {
        if (search.run && order.run !== search.run) return false
        return state === 'all' || isOpen(order) === (state === 'open')
      }),
    [read.data, streamed, search.run, state],
  )
  return (
    <>
      <PageHead title={t('nav.orders')}>
        <ExportButton name={`orders-${state}`} rows={rows} columns={columns} sort={sort} />
      </PageHead>
      <Guard needs="orders:read">
        <div className="flex flex-wrap items-center gap-3 border-b border-line px-4 py-2">
          <Segment
            label={t('order.state')}
            options={STATES.map(one => [one, t(`orders.filter.${one}`)] as const)}
            value={state}
            onChange={one => change({ state: one === 'all' ? undefined : one })}
            testId="orders"
          />
          <label className="flex items-center gap-2">
            <span className="text-text-2">{t('order.run')}</span>
            <select
              className="field w-48"
              value={search.run ?? ''}
              onChange={event => change({ run: event.target.value || undefined })}
              data-testid="orders-run"
            >
              <option value="">{t('orders.filter.allRuns')}</option>
              {(runs ?? []).map(run => (
                <option key={run.id} value={run.id}>
                  {run.name}
                </option>
              ))}
            </select>
          </label>
          <span className="ms-auto text-text-2">
            {rich('orders.count', { n: <Num value={rows.length} />, count: rows.length })}
          </span>
        </div>
        <div className="flex min-h-0 flex-1 flex-col">
          {read.error && rows.length > 0 && (
            <Lacking
              error={read.error}
              onRetry={() => void (read.isFetchNextPageError ? read.fetchNextPage() : read.refetch())}
            />
          )}
          {read.error && rows.length === 0 ? (
            <Failure error={read.error} onRetry={() => void read.refetch()} />
          ) : read.isPending && rows.length === 0 ? (
            <Skeleton rows={14} />
          ) : (
            <Table
              label={t('nav.orders')}
              rows={rows}
              columns={columns}
              rowKey={order => order.id}
              sort={sort}
              onSort={next => change({ sort: sortText(next) })}
              onOpen={order => change({ order: order.id })}
              selected={search.order}
              rowTestId="order-row"
              empty={
                <Note>
                  <p>{t('orders.empty')}</p>
                  {(state !== 'all' || search.run) && (
                    <button
                      type="button"
                      className="btn mt-2"
                      onClick={() => change({ state: undefined, run: undefined })}
                    >
                      {t('orders.filter.clear')}
                    </button>
                  )}
                </Note>
              }
            />
          )}
          {read.hasNextPage && rows.length > 0 && (
            <div className="flex justify-center border-t border-line p-2">
              <button
                type="button"
                className="btn"
                disabled={read.isFetchingNextPage}
                onClick={() => void read.fetchNextPage()}
                data-testid="orders-older"
              >
                {t('orders.older')}
              </button>
            </div>
          )}
        </div>
      </Guard>
      {search.order && <OrderSheet id={search.order} onClose={() => change({ order: undefined })} />}
    </>
  )
}
