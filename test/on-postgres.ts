/**
 * `bun test/on-postgres.ts 15`: the tests that speak to a source, on the PostgreSQL of that version which
 * the system has, in place of the one from npm. Without it they are skipped, loudly; where CI=true that is
 * a failure.
 */
import { existsSync } from 'node:fs'
import { Glob } from 'bun'

const [version] = process.argv.slice(2)
/** Where Debian, Red Hat's own packages and Homebrew put a version beside others. */
const places = [
  `/usr/lib/postgresql/${version}/bin`,
  `/usr/pgsql-${version}/bin`,
  `/opt/homebrew/opt/postgresql@${version}/bin`,
  `/usr/local/opt/postgresql@${version}/bin`,
]
const programs = places.find((place) => existsSync(`${place}/postgres`))
if (!programs) {
  console.error(`SKIPPED for want of PostgreSQL ${version}: the projector's tests on it`)
  process.exit(process.env.CI === 'true' ? 1 : 0)
}
const root = new URL('..', import.meta.url).pathname
/** They are about our own processes, locks and tables, on which the server's version has no say. */
const INDIFFERENT =
  /(rebuild-\w+|sources|sources-cache|dead-letters|half-open|recovery|large|prove)\.pg\.test\.ts$/
const files = [
  // It says whether the version is the right one.
  'test/support/postgres.test.ts',
  ...[...new Glob('test/{projector,replay}/*.pg.test.ts').scanSync(root)]
    .filter((file) => !INDIFFERENT.test(file))
    .sort(),
]
const tests = Bun.spawn(
  [process.execPath, 'test', '--timeout', '180000', ...files.map((file) => `./${file}`)],
  {
    cwd: root,
    env: { ...process.env, PT_TEST_POSTGRES: programs },
    stdio: ['inherit', 'inherit', 'inherit'],
  },
)
process.exit(await tests.exited)
