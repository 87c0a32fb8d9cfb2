/** `npm run size`: what the Worker's bundle weighs as it is uploaded. Fails above its limit. */
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { bundleOptions, WORKER } from './bundle.ts'

const LIMIT_KIB = 300

const { outputFiles } = await build({ ...bundleOptions(WORKER.main, 'worker.js'), write: false })
const bytes = outputFiles[0]!.contents
const [plain, zipped] = [bytes.length, gzipSync(bytes).length].map((size) => size / 1024)
const figures = `${zipped!.toFixed(0)} KiB gzipped (${plain!.toFixed(0)} KiB plain)`
if (zipped! > LIMIT_KIB) {
  console.error(`The Worker's bundle is too large: ${figures}, more than ${LIMIT_KIB} KiB`)
  process.exit(1)
}
console.log(`The Worker's bundle: ${figures}, at most ${LIMIT_KIB} KiB`)
