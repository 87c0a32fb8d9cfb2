/**
 * The staff app as `pt up` serves it: built when it is missing or older than its sources, read into memory,
 * and answered beside the API on the same origin.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { cacheControl, isScreen, SECURITY_HEADERS } from '../../pwa/delivery.ts'

const ROOT = new URL('../..', import.meta.url).pathname
const APP = join(ROOT, 'pwa')
/** Where it is once it was opened. */
export const BUILT = join(APP, 'dist')
/** In the built app: the hash of what it was built from. */
const STAMP = '.sources'
const PAGE = '/index.html'
/** Besides the app's own files, what its bundle is made of and with. */
const ALSO_SOURCES = ['package-lock.json', 'src/http/schemas.ts']

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
}

interface StaffApp {
  /** With a file or a screen of the app; undefined for what is not its business. */
  answer(request: Request): Response | undefined
  /** The page of all screens, whole, whatever the address is and the browser has. */
  page(request: Request): Response | undefined
}

/**
 * Builds the app if it has to be. Rejects when it can't be built or read: the API needs none of it.
 * @param say told before a build, which takes some seconds
 */
export async function openStaffApp(say: (line: string) => void): Promise<StaffApp> {
  const sources = await hashOfSources()
  if ((await stampOf(BUILT)) === sources) return serveFiles(await readFiles(BUILT))
  say('Building the staff app, once')
  return serveFiles(await build(sources))
}

/** What it was built from; nothing where nothing is built. */
function stampOf(directory: string): Promise<string> {
  return readFile(join(directory, STAMP), 'utf8').catch(() => '')
}

/** By content: a checkout changes the times of files as it likes. */
async function hashOfSources(): Promise<string> {
  const own = await readdir(APP, { recursive: true, withFileTypes: true })
  const paths = own
    .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(BUILT))
    .map((entry) => join(entry.parentPath, entry.name))
  const hash = createHash('sha256')
  for (const path of [...paths.sort(), ...ALSO_SOURCES.map((name) => join(ROOT, name))]) {
    hash.update(path.slice(ROOT.length)).update('\0')
    hash.update(await readFile(path)).update('\0')
  }
  return hash.digest('hex')
}

/** Beside what is there, and read before it takes its place: others may start at the same time. */
async function build(sources: string): Promise<Map<string, File>> {
  const next = `${BUILT}-${process.pid}`
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js')
  const config = join(APP, 'vite.config.ts')
  try {
    const run = Bun.spawn(
      ['node', vite, 'build', '--config', config, '--outDir', next, '--logLevel', 'error'],
      {
        cwd: ROOT,
        // Whoever starts this may be a test, or a developer: the app is built for those who use it.
        env: { ...process.env, NODE_ENV: 'production' },
        stdin: 'ignore',
        stdout: 'ignore',
        stderr: 'pipe',
      },
    )
    const [code, complaint] = await Promise.all([run.exited, new Response(run.stderr).text()])
    if (code !== 0) throw new Error(complaint.trim().split('\n')[0] || `vite ended with ${code}`)
    const files = await readFiles(next)
    await writeFile(join(next, STAMP), sources)
    await replace(next, sources)
    return files
  } finally {
    await rm(next, { recursive: true, force: true })
  }
}

/** Unless somebody else, who has built the same, was first. */
async function replace(next: string, sources: string): Promise<void> {
  if ((await stampOf(BUILT)) === sources) return
  await rm(BUILT, { recursive: true, force: true })
  await rename(next, BUILT).catch(async (error) => {
    if ((await stampOf(BUILT)) !== sources) throw error
  })
}

interface File {
  bytes: Uint8Array<ArrayBuffer>
  zipped: Uint8Array<ArrayBuffer>
  type: string
  etag: string
}

/** By their paths in an address. */
async function readFiles(directory: string): Promise<Map<string, File>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = new Map<string, File>()
  for (const entry of entries) {
    const type = TYPES[extname(entry.name)]
    if (!entry.isFile() || !type) continue
    const path = join(entry.parentPath, entry.name)
    const bytes = new Uint8Array(await readFile(path))
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`
    files.set(path.slice(directory.length), {
      bytes,
      zipped: new Uint8Array(gzipSync(bytes)),
      type,
      etag,
    })
  }
  return files
}

function serveFiles(files: ReadonlyMap<string, File>): StaffApp {
  function whole(path: string, request: Request) {
    const file = files.get(path)
    if (!file) return undefined
    const zip = file.type !== TYPES['.png'] && acceptsGzip(request)
    const headers = {
      ...SECURITY_HEADERS,
      'Cache-Control': cacheControl(path),
      'Content-Type': file.type,
      ETag: file.etag,
      Vary: 'Accept-Encoding',
      ...(zip && { 'Content-Encoding': 'gzip' }),
    }
    return new Response(zip ? file.zipped : file.bytes, { headers })
  }
  function unlessKept(path: string, request: Request) {
    const answer = whole(path, request)
    const known = request.headers.get('If-None-Match')
    if (!answer || known !== answer.headers.get('ETag')) return answer
    return new Response(null, { status: 304, headers: answer.headers })
  }
  return {
    answer(request) {
      if (request.method !== 'GET' && request.method !== 'HEAD') return undefined
      const { pathname } = new URL(request.url)
      return unlessKept(isScreen(pathname) ? PAGE : pathname, request)
    },
    page: (request) => whole(PAGE, request),
  }
}

function acceptsGzip(request: Request): boolean {
  return /\bgzip\b(?!;\s*q=0(\.0*)?\s*(,|$))/.test(request.headers.get('Accept-Encoding') ?? '')
}
