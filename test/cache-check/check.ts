/**
 * Looks for a cached answer that is stale or mixed: a real source, a projector in a process of its own, a
 * real Redis behind the gateway, two APIs with a cache each, and readers who ask without pause while tills
 * write and faults happen. Every answer is held against what the read model had at that answer's position.
 */
import postgres from 'postgres'
import { openGateway } from '../../cli/gateway/gateway.ts'
import { AnswerCache } from '../../src/cache/answer-cache.ts'
import type { CacheStore } from '../../src/cache/store.ts'
import { UpstashStore } from '../../src/cache/upstash-store.ts'
import { parseLsn } from '../../src/domain/lsn.ts'
import { createApp } from '../../src/http/app.ts'
import { silentLog } from '../../src/log.ts'
import { isUnavailable, READ_CLIENT_OPTIONS, type ReadSql } from '../../src/read/store.ts'
import { startRedis } from '../cache/redis-server.ts'
import { openDoor } from '../cache/upstash-door.ts'
import { FloorServer } from '../faults/floor-server.ts'
import { ProjectorHandle } from '../faults/projector-handle.ts'
import { appDepsOf, tokenFor } from '../http/support/api.ts'
import { Projection } from '../projector/support/projection.ts'
import { BUSINESS, openShop } from '../projector/support/till.ts'
import { randomOf } from '../projector/support/workload.ts'
import { FAULTS } from './faults.ts'
import { History } from './history.ts'
import { flawOf, type Given, LIST_LIMIT, type Question } from './oracle.ts'
import { Tills } from './tills.ts'

interface CheckOptions {
  reads: number
  seed: number
  /** Names of faults, struck one after the other for as long as the readers read. */
  faults: readonly string[]
  /** Answers from whatever the cache holds, without a look at the floor: what must then be found. */
  ignoresFloors?: boolean
  readers?: number
  /** Between two faults, milliseconds. */
  calmMs?: number
  onProgress?: (report: CheckReport) => void
}

export interface CheckReport {
  reads: number
  hits: number
  /** Answers that something was not there. */
  absent: number
  commits: number
  struck: number
  /** The first of the answers that were wrong. */
  flaws: string[]
  wrong: number
  seconds: number
}

const FLAWS_SHOWN = 5
const CALM_MS = 2_000
const VERIFY_MS = 50

export async function checkCache(options: CheckOptions): Promise<CheckReport> {
  const { seed, readers = 8, calmMs = CALM_MS } = options
  const random = randomOf(seed)
  const on = await Projection.open()
  const redis = await startRedis()
  const token = 'check'
  const log = silentLog
  const gateway = await openGateway({ redisUrl: redis.url, host: '127.0.0.1', port: 0, token, log })
  const door = await openDoor(redis)
  const floors = new FloorServer()
  const sql = postgres(on.readUrl, { ...READ_CLIENT_OPTIONS, max: 8, onnotice() {} }) as ReadSql
  await openShop(on.source)
  const tills = new Tills(on.source, on.sourceUrl, random)
  await tills.open()

  const begin = () =>
    new ProjectorHandle({
      sourceUrl: on.sourceUrl,
      readUrl: on.readUrl,
      slotName: on.slotName,
      floorsUrl: floors.url,
      cache: { url: gateway.url, token },
    })
  let projector = begin()
  await projector.reaches('live')
  await on.caughtUp()
  const history = await History.begin(on.read)
  const bearer = { Authorization: `Bearer ${await tokenFor({ business: BUSINESS })}` }
  const apis = [{ url: gateway.url, token }, door].map((at) => {
    const store = new UpstashStore(at)
    return createApp({
      ...appDepsOf({ withDb: (_request, work) => work(sql) }),
      cache: new AnswerCache({
        store: options.ignoresFloors ? withoutFloors(store) : store,
        log,
        isUnavailable,
        // The read store is there all the time; on a busy machine it may take its time.
        patienceMs: 60_000,
      }),
    })
  })

  const started = performance.now()
  const report: CheckReport = {
    ...{ reads: 0, hits: 0, absent: 0, commits: 0, struck: 0, wrong: 0, seconds: 0 },
    flaws: [],
  }
  /** Once every fault has struck, and the cache has had its say. */
  const isDone = () =>
    options.ignoresFloors
      ? report.reads >= options.reads || report.wrong > 0
      : report.reads >= options.reads &&
        report.struck >= options.faults.length &&
        report.hits >= options.reads / 10
  let pending: Given[] = []
  /** Answers that were found to be right: most are given many times. */
  const right = new Map<string, string>()

  async function read() {
    while (!isDone()) {
      const question = ask(tills)
      const path = pathOf(question)
      const floor = floors.floorOf(question.customer)
      const api = apis[report.reads % apis.length]!
      const response = await api.request(path, { headers: bearer })
      const text = await response.text()
      const hit = response.headers.get('Cache-Status')?.includes('; hit') ?? false
      report.reads += 1
      if (hit) report.hits += 1
      if (response.status === 404) report.absent += 1
      pending.push({ question, status: response.status, body: JSON.parse(text), floor })
      // In-process apps leave the loop to others only when they wait.
      if (report.reads % 50 === 0) await Bun.sleep(0)
    }
  }

  async function verify() {
    const given = pending
    pending = []
    await history.load()
    for (const one of given) {
      const path = pathOf(one.question)
      const text = JSON.stringify(one.body)
      const isKnown = one.status === 200 && right.get(path) === text
      const isYoung = isKnown && parseLsn(one.body.asOf.lsn) >= one.floor
      const flaw = isYoung ? null : flawOf(history, one)
      if (flaw === null) {
        if (one.status === 200) right.set(path, text)
        continue
      }
      report.wrong += 1
      if (report.flaws.length < FLAWS_SHOWN) report.flaws.push(`${path}: ${flaw}`)
    }
    report.commits = tills.commits
    report.seconds = (performance.now() - started) / 1000
    options.onProgress?.(report)
  }

  async function strike() {
    const struck = {
      redis,
      door,
      projector: {
        async replace() {
          await projector.kill()
          projector = begin()
          await projector.reaches('live')
        },
        pause: () => projector.signal('SIGSTOP'),
        resume: () => projector.signal('SIGCONT'),
      },
    }
    for (let n = 0; !isDone() && options.faults.length > 0; n += 1) {
      await FAULTS[options.faults[n % options.faults.length]!]!(struck)
      report.struck += 1
      await Bun.sleep(calmMs)
    }
  }

  tills.start()
  try {
    const reading = Promise.all(Array.from({ length: readers }, read))
    const striking = strike()
    let isRead = false
    const verifying = (async () => {
      while (!isRead) {
        await Bun.sleep(VERIFY_MS)
        await verify()
      }
    })()
    await Promise.all([reading, striking])
    isRead = true
    await verifying
    await verify()
  } finally {
    await tills.stop()
    await projector.kill()
    await gateway.stop()
    await door.stop()
    await redis.stop()
    floors.close()
    await sql.end({ timeout: 1 })
    await on.close()
  }
  return report
}

/** Mostly the same few, as it is with who stands at the till; now and then what is not there. */
function ask(tills: Tills): Question {
  const chance = Math.random()
  const customer = tills.pick(tills.customers)
  if (chance < 0.4) return { kind: 'summary', customer }
  if (chance < 0.7) return { kind: 'list', customer }
  const sale = tills.pick(tills.sales.slice(-20))
  return { kind: 'receipt', customer: sale.customer, purchase: sale.id }
}

function pathOf({ kind, customer, purchase }: Question): string {
  const base = `/customers/${customer}`
  if (kind === 'summary') return `${base}/purchase-summary`
  return kind === 'list' ? `${base}/purchases?limit=${LIST_LIMIT}` : `${base}/purchases/${purchase}`
}

/** A store whose floors say that everything is fresh. */
function withoutFloors(store: CacheStore): CacheStore {
  const find: CacheStore['find'] = async (key, customerId) => {
    const { entry } = await store.find(key, customerId)
    return { entry, floor: entry === null ? null : parseLsn('0/1') }
  }
  return Object.assign(Object.create(store), {
    find,
    fill: (fill: Parameters<CacheStore['fill']>[0]) => store.fill(fill),
    claim: (key: string, ms: number) => store.claim(key, ms),
  })
}
