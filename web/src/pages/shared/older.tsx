import type { ReactNode } from 'react'

/** Asks for the page after, where there is one. */
export const OlderButton = ({
  read,
  label,
}: {
  read: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown }
  label: string
}): ReactNode =>
  read.hasNextPage && (
    <div className="flex justify-center border-t border-line p-2">
      <button
        type="button"
        className="btn"
        disabled={read.isFetchingNextPage}
        onClick={() => void read.fetchNextPage()}
        data-testid="older"
      >
        {label}
      </button>
    </div>
  )
