/** `pt projector dead-letters`: what could not be projected, and what becomes of it. */
import type { Sql } from 'postgres'
import { connectReadStore } from '../../projector/apply/writing-connection.ts'
import {
  discardLetter,
  type LetterHead,
  listLetters,
  type RetryAnswer,
  readLetter,
  requestRetry,
  untilRetried,
} from '../../projector/letters/letters.ts'
import { connectSource } from '../../projector/source/slot.ts'
import { CliError, type Command, type CommandInput } from '../command.ts'
import { resolveConnections } from '../connections.ts'
import { projecting } from '../projecting.ts'

interface Desk {
  source: Sql
  read: Sql
  sourceId: string
}

type Action = (desk: Desk, input: CommandInput, ids: string[]) => Promise<number>

export const command: Command = {
  path: ['projector', 'dead-letters'],
  summary: 'List what could not be projected; show, retry or discard it',
  usage:
    '[list [--discarded] | show ID | retry ID… | retry --all | discard ID --why TEXT] [--source NAME]',
  options: {
    all: { type: 'boolean', default: false, help: 'retry: all that are open' },
    discarded: { type: 'boolean', default: false, help: 'list: those that were discarded' },
    why: { type: 'string', value: 'TEXT', help: 'discard: the reason, which is kept with it' },
    source: {
      type: 'string',
      value: 'NAME',
      default: 'main',
      help: 'which of several sources that feed the read store',
    },
  },
  words: {
    list: 'those that are open, without values (what is done when nothing is said)',
    'show ID': 'the whole change as it came; it may hold personal data',
    'retry ID…': 'project them anew, once the cause is mended',
    'discard ID': 'count it no longer',
  },
  async run(input) {
    const { data, positionals, values } = input
    const [name = 'list', ...ids] = positionals
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined
    if (!action)
      throw new CliError(
        `\`pt projector dead-letters\` can't ${name}: it can ${Object.keys(ACTIONS).join(', ')}`,
        2,
      )
    const wrong = ids.find((id) => !/^\d{1,18}$/.test(id))
    if (wrong !== undefined) throw new CliError(`${wrong} is no id of a dead letter`, 2)
    const connections = await resolveConnections(data)
    return projecting(connections, async () => {
      const source = connectSource(connections.sourceUrl, 1)
      const read = connectReadStore(connections.readUrl, { max: 1 })
      try {
        return await action({ source, read, sourceId: values.source as string }, input, ids)
      } finally {
        await Promise.allSettled([source.end({ timeout: 1 }), read.end({ timeout: 1 })])
      }
    })
  },
}

const ACTIONS: Record<string, Action> = { list, show, retry, discard }

async function list({ read, sourceId }: Desk, { values, json }: CommandInput, ids: string[]) {
  if (ids.length > 0) throw new CliError('list takes no id: see `show`', 2)
  const discarded = values.discarded === true
  const letters = await listLetters(read, sourceId, { discarded })
  if (json) console.log(JSON.stringify(letters))
  else if (letters.length === 0)
    console.log(discarded ? 'Nothing was discarded.' : 'Everything could be projected.')
  else for (const letter of letters) console.log(lineOf(letter))
  return 0
}

async function show({ read, sourceId }: Desk, { json }: CommandInput, ids: string[]) {
  const letter = await readLetter(read, sourceId, oneOf(ids))
  if (!letter) throw noLetter(ids[0]!)
  const { change, ...head } = letter
  if (json) console.log(JSON.stringify(letter))
  else console.log(`${lineOf(head)}\n${JSON.stringify(change, null, 2)}`)
  return 0
}

async function retry(desk: Desk, { values, json, signal }: CommandInput, ids: string[]) {
  const { source, read, sourceId } = desk
  const all = values.all === true
  if (all === ids.length > 0) throw new CliError('retry takes ids, or --all', 2)
  const requested = await requestRetry(read, sourceId, all ? 'all' : ids)
  const unknown = ids.find((id) => !requested.includes(id))
  if (unknown) throw noLetter(unknown)
  const answer = await untilRetried(source, read, sourceId, requested, signal)
  console.log(json ? JSON.stringify(answer) : describe(answer))
  return answer.failed.length > 0 || answer.waiting.length > 0 ? 1 : 0
}

async function discard({ read, sourceId }: Desk, { values, json }: CommandInput, ids: string[]) {
  const id = oneOf(ids)
  const { why } = values
  if (typeof why !== 'string' || why.trim() === '')
    throw new CliError('Say --why: it is kept with the letter', 2)
  if (!(await discardLetter(read, sourceId, id, why))) throw noLetter(id)
  console.log(json ? JSON.stringify({ discarded: id }) : `${id} is discarded.`)
  return 0
}

function oneOf(ids: string[]): string {
  const [id, ...rest] = ids
  if (id === undefined || rest.length > 0) throw new CliError('one id must be named', 2)
  return id
}

function noLetter(id: string): CliError {
  return new CliError(`There is no open dead letter ${id}`)
}

function lineOf(letter: LetterHead): string {
  const { id, createdAt, op, table, reason, commitLsn, attempts, retryRequested, discarded } =
    letter
  const line = `${id}  ${createdAt}  ${op} ${table}  ${reason}  (commit ${commitLsn})`
  if (discarded) return `${line}\n    discarded ${discarded.at}: ${discarded.why}`
  if (retryRequested) return `${line}\n    waits to be tried again`
  return attempts > 0 ? `${line}\n    tried again ${attempts} times` : line
}

function describe({ projected, failed, waiting }: RetryAnswer): string {
  const lines = [`${projected.length} projected`]
  for (const { id, reason } of failed) lines.push(`${id} still can't be: ${reason}`)
  if (waiting.length > 0)
    lines.push(`${waiting.length} wait: no projector runs. They are tried when one does.`)
  return lines.join('\n')
}
