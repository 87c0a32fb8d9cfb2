import { expect, setDefaultTimeout, test } from 'bun:test'
import { COMMANDS } from '../../cli/commands/index.ts'
import { pt } from '../support/pt.ts'

// Processes and servers are started here, on machines that have other things to do.
setDefaultTimeout(180_000)

test.each([
  [['sing'], 'Unknown command: sing (see `pt --help`)'],
  [['import'], '`pt import` needs one of: online-retail (see `pt --help`)'],
  [['--colour', 'up'], 'Unknown option before the command: --colour (see `pt --help`)'],
  [['migrate', '--fast'], "Unknown option '--fast' (see `pt migrate --help`)"],
  [['migrate', 'now'], 'Unexpected argument: now (see `pt migrate --help`)'],
  [['migrate', '--data'], "Option '--data <value>' argument missing (see `pt migrate --help`)"],
  [['migrate', '--data='], '--data names no directory (see `pt migrate --help`)'],
  [['--data'], '--data names no directory (see `pt --help`)'],
  [['--data', 'elsewhere'], 'No command is named (see `pt --help`)'],
  [['help', 'sing'], 'Unknown command: sing (see `pt --help`)'],
  [['token'], '--business NAME is missing (see `pt token --help`)'],
  [
    ['migrate', '--source-only', '--read-only'],
    '--source-only and --read-only exclude each other (see `pt migrate --help`)',
  ],
  [['up', '--port', '99999'], '--port is a number from 1 to 65535: not 99999 (see `pt up --help`)'],
  [
    ['projector', 'dead-letters', 'remove'],
    "`pt projector dead-letters` can't remove: it can list, show, retry, discard (see `pt projector dead-letters --help`)",
  ],
])('refuses `pt %p` in one line, with exit code 2', async (args, line) => {
  const { code, stdout, stderr } = await pt(args)

  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: `${line}\n` })
})

test('lists every command, and helps with each', async () => {
  const overview = await pt(['--help'])

  expect(overview.code).toBe(0)
  for (const { path, summary, load } of COMMANDS) {
    const command = await load()
    expect({ path, summary }).toEqual({ path: command.path, summary: command.summary })
    expect(overview.stdout).toContain(`${path.join(' ')} `)
    expect(overview.stdout).toContain(summary)
  }
  expect(await pt(['help'])).toEqual(overview)
  const region = await pt(['region', '--help'])
  expect(region.stdout.match(/^ {2}region \w+/gm)).toHaveLength(3)
  expect(await pt(['help', 'region'])).toEqual(region)
})

test('explains a command, each of its options with its default, and what all take', async () => {
  const help = await pt(['audit', '--help'])

  expect(help.code).toBe(0)
  expect(help.stdout).toMatchInlineSnapshot(`
    "Usage: pt audit --customer ID | --employee ID [--limit 50]

    List who looked at a customer, or whom an employee looked at

      --customer ID  who looked at this customer
      --employee ID  whom this employee looked at
      --limit N      how many looks, the newest first (default 50)
      --data DIR     the data directory (default .data)
      --json         one JSON document on stdout, for machines
      -h, --help     this text
    "
  `)
  expect(await pt(['help', 'audit'])).toEqual(help)
  expect((await pt(['token', '--help'])).stdout).toContain('(default store_manager)')
})

test('a usage names the options that the command takes, and no other', async () => {
  for (const { load } of COMMANDS) {
    const { path, usage, options = {} } = await load()
    const named = new Set(usage.match(/(?<=--)[a-z-]+/g))
    expect([path, [...named].sort()]).toEqual([path, Object.keys(options).sort()])
  }
})

test('says where it looked when no stack runs', async () => {
  const { code, stderr } = await pt(['migrate', '--data', '/nonexistent/data'])

  expect(code).toBe(1)
  expect(stderr).toBe(
    'No stack runs in /nonexistent/data: start one with `npm start -- --data /nonexistent/data`, or set SOURCE_DATABASE_URL and READ_DATABASE_URL\n',
  )
})

test('does not join a source with a read model of somewhere else', async () => {
  const { code, stderr } = await pt(['migrate'], { SOURCE_DATABASE_URL: 'postgres://h/source' })

  expect(code).toBe(1)
  expect(stderr).toBe(
    'READ_DATABASE_URL is not set, and SOURCE_DATABASE_URL is: set both or none\n',
  )
})

test('names an unreachable database without its password', async () => {
  const url = 'postgres://me:hunter2@127.0.0.1:1/shop'
  const { code, stderr } = await pt(['migrate'], {
    SOURCE_DATABASE_URL: url,
    READ_DATABASE_URL: url,
  })

  expect(code).toBe(1)
  expect(stderr).toBe("Can't reach the database 127.0.0.1:1/shop: ECONNREFUSED\n")
})
