/** The Worker as one file: what `wrangler deploy` would upload, made by the same bundler. */
import type { BuildOptions } from 'esbuild'
import wrangler from '../wrangler.toml'
import type { AssetSettings } from './asset-routing.ts'

const ROOT = new URL('..', import.meta.url).pathname

/** What wrangler.toml says about the runtime and the files beside it; the one place of it. */
export const WORKER = wrangler as {
  main: string
  compatibility_date: string
  compatibility_flags: string[]
  assets: AssetSettings
}

/** Wrangler's own options. Node's and Cloudflare's modules are workerd's to give (nodejs_compat). */
export function bundleOptions(entry: string, outfile: string): BuildOptions {
  return {
    absWorkingDir: ROOT,
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['node:*', 'cloudflare:*'],
    keepNames: true,
    logLevel: 'warning',
  }
}
