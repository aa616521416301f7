import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { type Readable, Writable } from 'node:stream'
import { AppError } from '../../kernel/index.ts'
import { type VenueKey, venueKey } from '../../venues/index.ts'

/** Bytes of a file or pipe with a key. */
const KEY_BYTES_MAX = 64 * 1_024

/**
 * A key to a venue: from a JSON file, from the standard input (`-`, or when it is a pipe), or asked for without echo.
 * @throws AppError that names the flag or field, and quotes nothing of what was read
 */
export async function readKey(keyFile: string | undefined): Promise<VenueKey> {
  if (keyFile !== undefined && keyFile !== '-') return parsed(await fileText(keyFile), '--key-file')
  if (keyFile === '-' || !process.stdin.isTTY) return parsed(await inputText(), 'standard input')
  return askKey(process.stdin, process.stderr)
}

/** Asks for a key; what is typed is not shown. @throws AppError naming what was not given when somebody breaks off */
export async function askKey(input: Readable, output: Writable): Promise<VenueKey> {
  const ask = silentPrompt(input, output)
  try {
    const apiKey = await ask.question('API key')
    const secret = await ask.question('Secret')
    const passphrase = await ask.question('Passphrase, where the venue wants one')
    return venueKey({ apiKey, secret, passphrase })
  } finally {
    ask.close()
  }
}

function parsed(text: string, field: string): VenueKey {
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    // The parser's message quotes what it could not read.
    throw new AppError('request.invalid', { field, rule: 'is JSON such as {"apiKey": "…", "secret": "…"}' })
  }
  return venueKey(given, field)
}

async function fileText(path: string): Promise<string> {
  try {
    const bytes = await readFile(path)
    if (bytes.byteLength <= KEY_BYTES_MAX) return bytes.toString('utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new AppError('request.invalid', { field: '--key-file', rule: `${path} cannot be read (${code})` })
  }
  throw new AppError('request.invalid', { field: '--key-file', rule: `has ${KEY_BYTES_MAX} bytes at most` })
}

async function inputText(): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of process.stdin) {
    chunks.push(Buffer.from(chunk))
    length += chunks.at(-1)!.byteLength
    if (length > KEY_BYTES_MAX)
      throw new AppError('request.invalid', { field: 'standard input', rule: `has ${KEY_BYTES_MAX} bytes at most` })
  }
  return Buffer.concat(chunks).toString('utf8')
}

function silentPrompt(input: Readable, output: Writable): { question(what: string): Promise<string>; close(): void } {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input, output: nowhere, terminal: true })
  // What is pasted in one piece is kept for the questions that follow. Ctrl-D ends the lines, and so does Ctrl-C.
  const answers = lines[Symbol.asyncIterator]()
  lines.once('SIGINT', () => lines.close())
  return {
    async question(what) {
      output.write(`${what}: `)
      const answer = await answers.next()
      output.write('\n')
      if (answer.done === true) throw new AppError('request.invalid', { field: what, rule: 'was not given' })
      return answer.value
    },
    close: () => lines.close(),
  }
}
