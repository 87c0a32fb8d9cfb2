/**
 * A command asked for over a network: done once however often it is asked for, and written down. The note of
 * the key, the audit row and the command itself are one transaction, so whoever finds the note finds the
 * command done, and a kill at any moment leaves all of it or nothing.
 *
 * A refusal is an answer, too: it is kept and given again. What failed without an answer leaves nothing, and
 * may be asked for again under the same key.
 */
import type { Role } from '../domain/access.ts'
import type { Lsn } from '../domain/lsn.ts'
import type { Statements } from '../postgres/held-connection.ts'
import { codeOf } from '../read/store.ts'
import { commit } from './commit.ts'
import { Refusal, refusalOf } from './refusal.ts'

interface Actor {
  businessId: string
  /** Null: a service. */
  employeeId: string | null
  role: Role
}

export interface Intent {
  actor: Actor
  /** Chosen by the client, the same for every attempt at one thing. */
  key: string
  /** Equal for equal requests only. */
  fingerprint: string
  /** The operation, as the API names it. */
  action: string
}

/** Whom a command touched, for the audit. */
export interface Subject {
  customerId?: string | null
  purchaseId?: string | null
}

/** What goes out: a status, and the text of a body. */
interface Reply {
  status: number
  body: string
}

export interface Performed extends Reply {
  /** The consistency token; of an answer that is given again a later one. */
  lsn: Lsn
  /** Whether the command was done, and answered so, before. */
  replayed: boolean
}

export interface Work {
  /** The command. Throws a Refusal when it is not to be done. */
  run(tx: Statements): Promise<Reply & { subject: Subject }>
  /** Who is written down when it is refused. */
  subject: Subject
  refused(refusal: Refusal): Reply
}

/** The key was used for something else. */
export class KeyReused extends Error {
  override readonly name = 'KeyReused'
}

/** Another request with the key is still at work. */
export class KeyInProgress extends Error {
  override readonly name = 'KeyInProgress'
}

/** The token names a business, or an employee of it, that the source does not have. */
export class ActorUnknown extends Error {
  override readonly name = 'ActorUnknown'
}

/** Devices may be offline for long; DESIGN.md says how long their keys hold. */
export const KEY_DAYS = 30
/** So many notes that have had their days go with each that is made. */
const SWEEP = 20
const LOCK_NOT_AVAILABLE = '55P03'

interface Note {
  fingerprint: string
  status: number
  body: string
}

/**
 * Does the work, or answers as the first time.
 * Rejects with KeyReused, KeyInProgress, ActorUnknown, SourceBusy, SourceUnavailable.
 */
export async function perform(sourceUrl: string, intent: Intent, work: Work): Promise<Performed> {
  const { result, lsn } = await commit(sourceUrl, async (tx) => {
    await expectKnown(tx, intent.actor)
    const known = await takeKey(tx, intent)
    if (known) return { ...known, replayed: true }
    return { ...(await answered(tx, intent, work)), replayed: false }
  })
  return { ...result, lsn }
}

/** From here on the actor stays. */
async function expectKnown(tx: Statements, { businessId, employeeId }: Actor): Promise<void> {
  const [actor] = await tx<{ business: boolean | null; employee: boolean | null }[]>`
    select (select true from business where id = ${businessId} for key share) as business,
      (select true from employee
       where id = ${employeeId} and business_id = ${businessId} for key share) as employee`
  if (!actor?.business) throw new ActorUnknown('the source has no such business')
  if (employeeId && !actor.employee) throw new ActorUnknown('the business has no such employee')
}

/** Null when the key is ours now; what it stands for when it was used before. */
async function takeKey(tx: Statements, { actor, key, fingerprint }: Intent): Promise<Reply | null> {
  const { businessId } = actor
  const principal = actor.employeeId ?? 'service'
  await tx`
    delete from idempotency_key where ctid = any (array(
      select ctid from idempotency_key where created_at < now() - make_interval(days => ${KEY_DAYS})
      order by created_at limit ${SWEEP} for update skip locked))`
  // Waits for a transaction that is at work with the key. One that has had its days is as good as new.
  const taken = await tx`
    insert into idempotency_key as known (business_id, principal, key, fingerprint)
    values (${businessId}, ${principal}, ${key}, ${fingerprint})
    on conflict (business_id, principal, key) do update
      set fingerprint = excluded.fingerprint, created_at = now()
      where known.created_at < now() - make_interval(days => ${KEY_DAYS})`.catch(
    (error: unknown) => {
      if (codeOf(error) === LOCK_NOT_AVAILABLE) throw new KeyInProgress('the key is in use')
      throw error
    },
  )
  if (taken.count === 1) return null
  const [note] = await tx<Note[]>`
    select fingerprint, status, body from idempotency_key
    where business_id = ${businessId} and principal = ${principal} and key = ${key}`
  if (note!.fingerprint !== fingerprint) throw new KeyReused('the key was used for another request')
  return { status: note!.status, body: note!.body }
}

async function answered(
  tx: Statements,
  { actor, key, action }: Intent,
  work: Work,
): Promise<Reply> {
  const { businessId, employeeId, role } = actor
  const { status, body, subject, outcome } = await outcomeOf(tx, work)
  await tx`
    update idempotency_key set status = ${status}, body = ${body}
    where business_id = ${businessId} and principal = ${employeeId ?? 'service'} and key = ${key}`
  const { customerId = null, purchaseId = null } = subject
  await tx`
    insert into access_audit (business_id, employee_id, role, action, customer_id, purchase_id, outcome)
    values (${businessId}, ${employeeId}, ${role}, ${action}, ${customerId}, ${purchaseId}, ${outcome})`
  return { status, body }
}

async function outcomeOf(tx: Statements, work: Work) {
  await tx`savepoint command`
  try {
    return { ...(await work.run(tx)), outcome: 'done' }
  } catch (error) {
    const refusal = error instanceof Refusal ? error : refusalOf(error)
    if (!refusal) throw error
    await tx`rollback to savepoint command`
    return { ...work.refused(refusal), subject: work.subject, outcome: refusal.reason }
  }
}
