import { AppError } from '../../kernel/index.ts'

const REASONS: Readonly<Record<string, [string, string]>> = {
  EADDRINUSE: ['is taken by another process', 'Stop that process or choose another port.'],
  EACCES: ['may not be opened by this user', 'Choose a port above 1023.'],
  EADDRNOTAVAIL: ['is not an address of this machine', 'Set BOURSE_HOST to one that is.'],
}

/** Why a server could not listen, as one clear line; undefined when that is not what the error says. */
export function portFailure(error: unknown, variable: string, host: string, port: number): AppError | undefined {
  const reason = REASONS[(error as NodeJS.ErrnoException).code ?? '']
  if (!reason) return undefined
  return new AppError(
    'server.port_in_use',
    { field: variable, rule: `${host}:${port} ${reason[0]}`, fix: reason[1] },
    { cause: error },
  )
}
