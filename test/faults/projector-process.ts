/**
 * A projector in a process of its own, for the faults that only a process can have. It talks with its
 * parent over the channel that it was spawned with, and ends with it.
 */
import { FatalProjectorError } from '../../projector/errors.ts'
import {
  type ProjectorOptions,
  type ProjectorState,
  startProjector,
} from '../../projector/index.ts'
import type { PointListener, ProjectorPoint } from '../../projector/points.ts'
import { rebuild } from '../../projector/rebuild.ts'
import { type FloorSink, GONE, lsnToHex } from '../../src/cache/floors.ts'
import { UpstashStore } from '../../src/cache/upstash-store.ts'
import { type Log, silentLog } from '../../src/log.ts'
import type { RaiseRequest } from './floor-server.ts'

export interface ProcessOptions
  extends Pick<ProjectorOptions, 'sourceUrl' | 'readUrl' | 'slotName' | 'limits' | 'patienceMs'> {
  /** Where floors are raised: see `FloorServer`. */
  floorsUrl: string
  /** A Redis where they are raised, too, and before. */
  cache?: { url: string; token: string }
  killAt?: KillAt
  /** It builds the read model again beside the one that serves, and follows nothing. */
  rebuilds?: boolean
}

/** The process ends itself when it passes the point for the nth time from now on. */
export interface KillAt {
  point: ProjectorPoint
  passes: number
}

export type ProcessReport =
  | { kind: 'state'; state: ProjectorState }
  | { kind: 'session-ended'; reason: string }
  /** It gave up, or its rebuild is over: what it says then. */
  | { kind: 'ended'; ended: 'fatal' | 'failed' | 'switched' | 'refused'; message: string }

/** How often the state is looked at, milliseconds. */
const LOOK_MS = 10

function main(options: ProcessOptions) {
  let { killAt } = options
  process.on('message', (order: KillAt) => {
    killAt = order
  })
  process.on('disconnect', () => process.exit())
  const onPoint = (point: ProjectorPoint) => {
    if (killAt?.point === point && --killAt.passes <= 0) process.kill(process.pid, 'SIGKILL')
  }
  if (options.rebuilds) rebuildOnce(options, onPoint)
  else follow(options, onPoint)
}

const report = (told: ProcessReport) => process.send?.(told)

const reportFailure = (error: unknown) => {
  const ended = error instanceof FatalProjectorError ? 'fatal' : 'failed'
  report({ kind: 'ended', ended, message: error instanceof Error ? error.message : String(error) })
}

function follow({ floorsUrl, cache, ...options }: ProcessOptions, onPoint: PointListener) {
  const warn: Log['warn'] = (message, fields) => {
    if (message.startsWith('session ended'))
      report({ kind: 'session-ended', reason: String(fields?.reason) })
  }
  const told = floorsAt(floorsUrl)
  const floors = cache ? inTurn(new UpstashStore(cache), told) : told
  const projector = startProjector({ ...options, floors, onPoint, log: { ...silentLog, warn } })
  projector.finished.catch(reportFailure)
  let last: ProjectorState | null = null
  setInterval(() => {
    const { state } = projector.status()
    if (state !== last) report({ kind: 'state', state })
    last = state
  }, LOOK_MS)
}

function rebuildOnce(options: ProcessOptions, onPoint: PointListener) {
  rebuild({ ...options, onPoint }).then(({ switched, verified }) => {
    const message = JSON.stringify(verified.differences.slice(0, 5))
    report({ kind: 'ended', ended: switched ? 'switched' : 'refused', message })
  }, reportFailure)
}

/** Resolves only once the parent has noted it: what it did not answer was not raised. */
function floorsAt(url: string): FloorSink {
  const send = async (request: RaiseRequest) => {
    const answer = await fetch(url, { method: 'POST', body: JSON.stringify(request) })
    if (!answer.ok) throw new Error(`the floors answer ${answer.status}`)
  }
  return {
    raise: (lsn, customers) => send({ lsn: lsnToHex(lsn), customers }),
    raiseAll: (lsn) => send({ lsn: lsnToHex(lsn), customers: 'all' }),
    forget: (customers) => send({ lsn: lsnToHex(GONE), customers }),
  }
}

/** The second is told what the first has done. */
function inTurn(first: FloorSink, second: FloorSink): FloorSink {
  return {
    raise: (lsn, customers) => first.raise(lsn, customers).then(() => second.raise(lsn, customers)),
    raiseAll: (lsn) => first.raiseAll(lsn).then(() => second.raiseAll(lsn)),
    forget: (customers) => first.forget(customers).then(() => second.forget(customers)),
  }
}

main(JSON.parse(process.argv[2]!))
