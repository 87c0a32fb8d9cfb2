/**
 * The Worker that stands before ours in `npm run dev:worker`, where Cloudflare's own router and asset server
 * stand at the edge: it answers files from the built app's directory, and hands all else on.
 */
import { type AssetSettings, fileFor, headersFor } from './asset-routing.ts'

interface Fetcher {
  fetch(request: Request | string, init?: RequestInit): Promise<Response>
}

interface DoorEnv {
  /** The directory, which knows no types, tags or headers. */
  FILES: Fetcher
  API: Fetcher
  SETTINGS: AssetSettings
}

const HEADERS_FILE = '/_headers'

const TYPES: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  png: 'image/png',
  svg: 'image/svg+xml',
  webmanifest: 'application/manifest+json',
}

export default {
  async fetch(request: Request, { FILES, API, SETTINGS }: DoorEnv): Promise<Response> {
    const { pathname } = new URL(request.url)
    const file = await fileFor(pathname, SETTINGS, (path) => isFile(FILES, path))
    if (file === null) return API.fetch(request)
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return new Response(null, { status: 405, headers: { Allow: 'GET, HEAD' } })
    const [bytes, rules] = await Promise.all([
      read(FILES, file),
      read(FILES, HEADERS_FILE).then((rules) => new TextDecoder().decode(rules)),
    ])
    const headers = headersFor(pathname, rules)
    headers.set('Content-Type', TYPES[file.split('.').at(-1)!] ?? 'application/octet-stream')
    headers.set('ETag', await tagOf(bytes))
    if (request.headers.get('If-None-Match') === headers.get('ETag'))
      return new Response(null, { status: 304, headers })
    return new Response(request.method === 'HEAD' ? null : bytes, { headers })
  },
}

/** Not a directory, which is answered with a listing, and not the file that is an instruction. */
async function isFile(files: Fetcher, path: string): Promise<boolean> {
  if (path === HEADERS_FILE || path.endsWith('/')) return false
  const { ok, headers } = await files.fetch(`http://files${path}`, { method: 'HEAD' })
  return ok && headers.get('Content-Type') === 'application/octet-stream'
}

async function read(files: Fetcher, path: string): Promise<ArrayBuffer> {
  const answer = await files.fetch(`http://files${path}`)
  if (!answer.ok) throw new Error(`the built app has no ${path}`)
  return answer.arrayBuffer()
}

async function tagOf(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return `"${[...digest.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}"`
}
