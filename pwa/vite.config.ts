/**
 * Builds the staff app into `dist`: hashed files below `assets/`, a service worker that knows them all by
 * name, and `_headers` for the Worker's static assets.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConfigEnv, Plugin, UserConfig } from 'vite'
import { cacheControl, HASHED, SECURITY_HEADERS } from './delivery.ts'

const root = import.meta.dirname
/** All but what the service worker is made of, which is one file by itself. */
const FIRST = /^(?!.*\/pwa\/(service-worker\/|delivery\.ts))/
const API_WHILE_DEVELOPING = process.env.PT_API ?? 'http://127.0.0.1:8787'

export default async ({ command }: ConfigEnv): Promise<UserConfig> => ({
  root,
  build: {
    target: 'es2022',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { app: join(root, 'index.html'), sw: join(root, 'service-worker/worker.ts') },
      output: {
        // A service worker is found again by its name, whatever is in it.
        entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
        // One file packs better than the dozen into which what other files share would be cut.
        codeSplitting: {
          groups: [{ name: 'first', tags: ['$initial'], test: FIRST }],
        },
      },
    },
  },
  // `npm run dev:pwa` beside a running `npm start`.
  server: {
    strictPort: true,
    proxy: command === 'serve' ? await apiAddresses() : {},
  },
  plugins: [shellManifest(), headersFile()],
})

/** All that the API answers, by the first part of its path, and the demo's sign-in. */
async function apiAddresses() {
  const { OPERATIONS } = await import('../src/http/operations.ts')
  const paths = [...OPERATIONS.map(({ spec }) => spec.path), '/demo/sign-in']
  const firsts = new Set(paths.map((path) => path.split('/')[1]!.replaceAll('.', '\\.')))
  return Object.fromEntries(
    [...firsts].map((first) => [
      `^/${first}(?=[/?]|$)`,
      { target: API_WHILE_DEVELOPING, changeOrigin: false },
    ]),
  )
}

/** Tells the service worker which files the shell is made of, and a version that changes with any of them. */
function shellManifest(): Plugin {
  return {
    name: 'shell-manifest',
    apply: 'build',
    // After the page is in the bundle.
    enforce: 'post',
    generateBundle(_options, bundle) {
      const worker = bundle['sw.js']
      if (worker?.type !== 'chunk') return
      if (worker.imports.length > 0)
        this.error(`the service worker is to be one file, but imports ${worker.imports.join()}`)
      const built = Object.keys(bundle).filter((name) => /\.(js|css|html)$/.test(name))
      const given = readdirSync(join(root, 'public'))
      const files = [...built, ...given].filter((name) => name !== 'sw.js').sort()
      const hash = createHash('sha256')
      for (const name of files) {
        const output = bundle[name]
        if (!output) hash.update(readFileSync(join(root, 'public', name)))
        else hash.update(output.type === 'chunk' ? output.code : output.source)
      }
      const paths = files.map((name) => (name === 'index.html' ? '/' : `/${name}`))
      const shell = { version: hash.digest('hex').slice(0, 16), paths }
      worker.code = worker.code.replace('__SHELL__', JSON.stringify(shell))
    },
  }
}

function headersFile(): Plugin {
  const lines = Object.entries(SECURITY_HEADERS).map(([name, value]) => `  ${name}: ${value}`)
  const source = [
    '/*',
    ...lines,
    `  Cache-Control: ${cacheControl('/')}`,
    `${HASHED}*`,
    '  ! Cache-Control',
    `  Cache-Control: ${cacheControl(HASHED)}`,
    '',
  ].join('\n')
  return {
    name: 'headers-file',
    apply: 'build',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: '_headers', source })
    },
  }
}
