// Makes a clone ready: Node.js, packages, the command, the built pages. Run first by `npm start`, `npm test`, `npm run check`
// and `npm run bench`, with the purpose as its argument. It needs nothing but Node.js and does nothing when all is ready.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const NODE_MIN = [20, 19]
const SAID_MAX = 20_000
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const at = (...parts) => join(root, ...parts)
const read = path => readFileSync(path, 'utf8')
const say = text => console.log(text)

/** Ends with one clear line. */
class Unready extends Error {}

const FIXES = [
  [/ENOSPC|no space left|EDQUOT/i, 'the disk is full', 'free about 1 GB and run it again'],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/i,
    'the package registry cannot be reached',
    'connect to the network (or set npm’s registry to a mirror that you can reach) and run it again',
  ],
  [/EACCES|EPERM|EROFS/i, 'this folder cannot be written', 'give it to the user who runs this, and run it again'],
  [/EUSAGE|in sync/i, 'package.json and package-lock.json do not fit', 'restore both from the repository'],
]

function explain(what, said) {
  const known = FIXES.find(([pattern]) => pattern.test(said))
  if (known) return new Unready(`${what}: ${known[1]}. To fix it, ${known[2]}.`)
  const last = said.split('\n').filter(line => line.trim() && !/npm (warn|notice)|complete log/i.test(line))
  return new Unready(`${what}:\n${last.slice(-15).join('\n')}`)
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return
  throw new Unready(
    `Bourse needs Node.js ${NODE_MIN.join('.')} or newer; this is ${process.versions.node}. Install one from https://nodejs.org and run it again.`,
  )
}

const hashOf = text => createHash('sha256').update(text).digest('hex')

/** Whether what npm noted of its last installation is what the lock file asks for; packages of other platforms may be absent. */
function isInstalled(lock) {
  const note = at('node_modules', '.package-lock.json')
  if (!existsSync(note)) return false
  const wanted = JSON.parse(lock).packages
  const installed = JSON.parse(read(note)).packages
  return Object.entries(wanted).every(
    ([path, { version, link, optional }]) =>
      !path.includes('node_modules/') || link || installed[path]?.version === version || (optional && !installed[path]),
  )
}

async function install() {
  const lock = read(at('package-lock.json'))
  const stamp = at('node_modules', '.bourse-ready')
  if (existsSync(stamp) && read(stamp) === hashOf(lock)) return
  if (!isInstalled(lock)) {
    say('Installing the packages of package-lock.json (less than a minute on a usual line) …')
    await run('The packages could not be installed', npm(), ['ci', '--ignore-scripts', '--no-audit', '--no-fund'])
  }
  writeFileSync(stamp, hashOf(lock))
}

/** The npm that runs us, or the one on the path. */
const npm = () => (process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm'])

function run(what, [command, ...first], args) {
  return new Promise((resolve, reject) => {
    let said = ''
    const startedAt = Date.now()
    const child = spawn(command, [...first, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    const ticking = setInterval(() => {
      if (process.stdout.isTTY) process.stdout.write(`\r  … ${Math.round((Date.now() - startedAt) / 1000)} s`)
    }, 1000)
    const finish = failure => {
      clearInterval(ticking)
      if (process.stdout.isTTY) process.stdout.write('\r\x1b[K')
      if (failure) return reject(failure)
      say(`  done in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`)
      resolve()
    }
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', data => {
        said = (said + data).slice(-SAID_MAX)
      })
    child.on('error', error => finish(explain(what, error.message)))
    child.on('close', code => finish(code === 0 ? undefined : explain(what, said)))
  })
}

/** So that `npx bourse …` works in the clone. */
function linkCommand() {
  const script = at('bin', 'bourse.mjs')
  const link = at('node_modules', '.bin', 'bourse')
  if (!existsSync(script)) return
  if ((lstatSync(script).mode & 0o100) === 0) chmodSync(script, 0o755)
  if (lstatSync(link, { throwIfNoEntry: false })) return
  mkdirSync(dirname(link), { recursive: true })
  symlinkSync(relative(dirname(link), script), link)
}

const SKIPPED = new Set(['node_modules', 'dist', '.vite'])

function filesIn(folder, isWanted) {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : filesIn(path, isWanted)
    return isWanted(path) ? [path] : []
  })
}

/** Everything that the pages are made from: their own files, and the shapes that they share with the server. */
function pagesHash() {
  const shared = /[\\/](views|protocol)\.ts$/
  const files = [
    ...filesIn(at('web'), path => !/\.test\.tsx?$/.test(path)),
    ...filesIn(at('src'), path => shared.test(path)),
  ]
  const hash = createHash('sha256')
  for (const file of [...files.sort(), at('package-lock.json')])
    hash.update(relative(root, file)).update(readFileSync(file))
  return hash.digest('hex')
}

async function buildPages() {
  if (!existsSync(at('web', 'vite.config.ts'))) return
  const stamp = at('.cache', 'pages')
  const hash = pagesHash()
  if (existsSync(stamp) && read(stamp) === hash && existsSync(at('web', 'dist', 'index.html'))) return
  say('Building the pages …')
  await run('The pages could not be built', npm(), ['run', 'build', '--workspace', 'web'])
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, hash)
}

const purpose = process.argv[2] ?? 'start'
try {
  checkNode()
  await install()
  linkCommand()
  if (purpose !== 'check') await buildPages()
} catch (error) {
  const failure =
    error instanceof Unready
      ? error
      : explain('The clone could not be made ready', `${error.code ?? ''} ${error.message}`)
  console.error(failure.message)
  process.exitCode = 1
}
