/**
 * `npm run size:pwa`: what the staff app's first screen costs a tablet on bad Wi-Fi: the page, and all that it
 * names. Fails above its limits. Builds the app first.
 */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'

const LIMITS_KIB = { js: 60, css: 12 }

process.env.NODE_ENV = 'production'
const directory = await mkdtemp(join(tmpdir(), 'pt-pwa-'))
try {
  await build({
    configFile: join(import.meta.dirname, '../pwa/vite.config.ts'),
    logLevel: 'error',
    build: { outDir: directory, emptyOutDir: true },
  })
  const page = readFileSync(join(directory, 'index.html'), 'utf8')
  for (const [kind, limit] of Object.entries(LIMITS_KIB)) {
    const named = page.match(new RegExp(`/assets/[^"]+\\.${kind}(?=")`, 'g')) ?? []
    const bytes = named.map((path) => gzipSync(readFileSync(join(directory, path))).length)
    const kib = bytes.reduce((sum, size) => sum + size, 0) / 1024
    const line = `The staff app's first ${kind}: ${kib.toFixed(1)} KiB gzipped, at most ${limit} KiB`
    if (named.length > 0 && kib <= limit) console.log(line)
    else {
      console.error(`${line}: exceeded, or none found`)
      process.exitCode = 1
    }
  }
} finally {
  await rm(directory, { recursive: true, force: true })
}
