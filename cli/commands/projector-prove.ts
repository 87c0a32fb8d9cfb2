/** `pt projector prove`: replay = replay = rebuild = tail, shown by checksums. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { startProjector } from '../../projector/index.ts'
import { type Proof, type ProveOptions, prove, WAYS } from '../../projector/prove.ts'
import { CliError, type Command } from '../command.ts'
import { PROJECTION_OPTIONS, projectionOptions, resolveConnections } from '../connections.ts'
import { type DemoOptions, seedDemo } from '../demo/index.ts'
import { migrateDatabase } from '../migrate/migrate-database.ts'
import { explaining, projecting } from '../projecting.ts'
import { Cluster } from '../stack/cluster.ts'

const STEPS = {
  recording: 'Recording the source, while the projector follows it',
  rebuilding: 'Building the read model anew from the source',
  replaying: 'Replaying the recording twice, as it comes and cut in small pieces',
}

/** What both ways of running it tell the proof. */
type Watched = Pick<ProveOptions, 'signal' | 'onStep'>

export const command: Command = {
  path: ['projector', 'prove'],
  summary: 'Show that tail, rebuild and two replays give equal tables',
  usage:
    '[[--seed N] [--size tiny|normal] | --on-stack [--source NAME] [--slot NAME] [--schema NAME] [--publication NAME]]',
  options: {
    ...PROJECTION_OPTIONS,
    seed: { type: 'string', value: 'N', default: '1', help: 'of the demo data that it works on' },
    size: { type: 'string', value: 'tiny|normal', default: 'normal', help: 'how much of it' },
    'on-stack': { type: 'boolean', default: false, help: 'on the stack that runs, instead' },
  },
  async run({ data, values, json, signal }) {
    const seed = Number(values.seed)
    if (!Number.isSafeInteger(seed)) throw new CliError('--seed is a whole number', 2)
    const { size } = values
    if (size !== 'tiny' && size !== 'normal') throw new CliError('--size is tiny or normal', 2)
    const onStep = (step: keyof typeof STEPS) => {
      if (!json) console.log(STEPS[step])
    }
    const directory = await mkdtemp(join(tmpdir(), 'pt-prove-'))
    const file = join(directory, 'recording.ndjson')
    try {
      const proof = values['on-stack']
        ? await proveOnStack(data, { ...projectionOptions(values), signal, onStep, file })
        : await proveOnDemo(directory, { seed, size }, { signal, onStep })
      console.log(json ? JSON.stringify(proof) : describe(proof))
      return proof.equal ? 0 : 1
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  },
}

/** In a cluster of its own, which is gone afterwards, with two years of the demo's chains. */
async function proveOnDemo(directory: string, demo: DemoOptions, watched: Watched): Promise<Proof> {
  const cluster = new Cluster({
    directory: join(directory, 'postgres'),
    logFile: join(directory, 'postgres.log'),
    password: crypto.randomUUID(),
    volatile: true,
    settings: { wal_level: 'logical', shared_buffers: '256MB', max_wal_size: '2GB' },
  })
  await cluster.start()
  const sourceUrl = await database(cluster, 'source')
  const urls = ['read', 'replay_1', 'replay_2'].map((name) => database(cluster, name))
  const [readUrl, ...replayUrls] = (await Promise.all(urls)) as [string, string, string]
  const projector = startProjector({ sourceUrl, readUrl })
  try {
    await projector.live
    return await explaining(() =>
      prove({
        sourceUrl,
        readUrl,
        scratchUrls: replayUrls,
        file: join(directory, 'recording.ndjson'),
        work: () => seedDemo({ sourceUrl, ...demo, perCommit: 3 }),
        ...watched,
      }),
    )
  } finally {
    await projector.stop()
    await cluster.stop('immediate')
  }
}

async function database(cluster: Cluster, name: string): Promise<string> {
  await cluster.createDatabase(name)
  await migrateDatabase(cluster.url(name), name === 'source' ? 'source' : 'read')
  return cluster.url(name)
}

/** On what runs: it is rebuilt, and the replays go to databases of the read store's server. */
async function proveOnStack(
  data: string,
  options: Omit<ProveOptions, 'sourceUrl' | 'readUrl' | 'scratchUrls'>,
): Promise<Proof> {
  const { sourceUrl, readUrl } = await resolveConnections(data)
  return projecting({ sourceUrl, readUrl }, async () => {
    const server = postgres(readUrl, { max: 1, onnotice() {} })
    const names = [1, 2].map((n) => `pt_prove_${process.pid}_${n}`)
    const urls = names.map((name) => Object.assign(new URL(readUrl), { pathname: `/${name}` }).href)
    try {
      for (const [at, name] of names.entries()) {
        await server`create database ${server(name)}`
        await migrateDatabase(urls[at]!, 'read')
      }
      const scratchUrls = urls as [string, string]
      return await prove({ ...options, sourceUrl, readUrl, scratchUrls })
    } finally {
      for (const name of names) await server`drop database if exists ${server(name)} with (force)`
      await server.end({ timeout: 1 })
    }
  })
}

function describe({ equal, transactions, disturbed, tables }: Proof): string {
  const width = Math.max(...tables.map(({ table }) => table.length))
  const lines = [`${transactions} transactions recorded`]
  for (const { table, ways } of tables)
    for (const [at, way] of WAYS.entries()) {
      const { rows, checksum } = ways[way]
      const name = (at === 0 ? table : '').padEnd(width)
      lines.push(`${name}  ${way.padEnd(16)}  ${checksum.padEnd(32)}  ${rows} rows`)
    }
  const unequal = tables.filter((one) => !one.equal).map(({ table }) => table)
  lines.push(equal ? 'equal' : `NOT EQUAL: ${unequal.join(', ')}`)
  if (!equal && disturbed)
    lines.push(
      'The source was written to meanwhile, so the ways ended at other moments: try when it is at rest.',
    )
  return lines.join('\n')
}
