/**
 * What a person leaves on this device: a database of her own, whose records only this origin on this device can
 * open. In clear are random-looking names, sizes, and when a record expires.
 *
 *   keys      the two CryptoKeys, not extractable
 *   STORES    { slot, group?, expiresAt?, iv, data }: data is {id, value}, sealed beside all the others
 *
 * A record that does not open, for whatever reason, is never shown, and deleted unless it is still to be done. Nothing
 * here rejects: what can't be kept is not kept, and the app works on. Where the browser cuts the connection off, as
 * iOS does with an app that was away, the next who wants something gets another.
 */
import { deleteDB, type IDBPDatabase, openDB } from 'idb'
import { hexOf } from '../../../src/domain/hex.ts'
import { blind, makeKeys, type VaultKeys } from './keys.ts'
import { type Sealed, seal, unseal } from './sealing.ts'

/** Whose it is. */
export interface Owner {
  /** The chain's id. */
  business: string
  /** The person's id. */
  employee: string
}

const STORES = ['session', 'meta', 'customers', 'kept', 'outbox'] as const
/**
 * `kept`: answers of the API, which go first when there is no room; `customers`: whom they are of; `outbox`: what is
 * still to be done, which nothing here deletes by itself.
 */
export type StoreName = (typeof STORES)[number]

export interface PutOptions {
  /** Milliseconds since 1970; a record without it stays until it is deleted. */
  expiresAt?: number | undefined
  /** Whom it is about: all records of a group can be deleted at once. */
  group?: string | undefined
}

export interface Entry<T> {
  id: string
  value: T
}

/** What `all` has opened of a store, by slot; a record that is the same the next time is not opened anew. */
export type Opened<T> = Map<string, { iv: Uint8Array; entry: Entry<T> }>

interface StoredRecord extends Sealed {
  slot: string
  group?: string
  expiresAt?: number
}

const PREFIX = 'vault-'
const VERSION = 1
/** Safari has been seen never to answer: then the app does without. */
const OPENING_MS = 8_000

/** The name of the owner's database, which says nothing of her. */
export async function vaultName({ business, employee }: Owner): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify([business, employee]))
  const hash = await crypto.subtle.digest('SHA-256', bytes)
  return PREFIX + hexOf(new Uint8Array(hash)).slice(0, 32)
}

/** Null where the browser forbids storage, or is no secure context. */
export async function openVault(name: string): Promise<Vault | null> {
  let late = false
  const opening = Vault.open(name).then(
    (vault) => {
      if (late) vault.close()
      return vault
    },
    () => null,
  )
  const vault = await Promise.race([opening, tooLate()])
  late = vault === null
  return vault
}

function tooLate(): Promise<null> {
  return new Promise((resolve) => setTimeout(resolve, OPENING_MS, null))
}

/** The names of all vaults on this device. */
export async function vaultNames(): Promise<string[]> {
  try {
    const databases = await indexedDB.databases()
    return databases.flatMap(({ name }) => (name?.startsWith(PREFIX) ? [name] : []))
  } catch {
    return []
  }
}

export class Vault {
  readonly name: string
  #keys!: VaultKeys
  /** Null when it is closed, or cut off. */
  #db: IDBPDatabase | null = null
  /** Whether it may be opened again: nobody has closed it for good. */
  #isOpen = true
  #reopening: Promise<void> | undefined
  #askedToPersist = false

  /** Use `openVault`. Rejects when there can be none. */
  static async open(name: string): Promise<Vault> {
    const vault = new Vault(name)
    // Before the transaction that stores them: one does not stay open while keys are made.
    await vault.#connect(await makeKeys())
    return vault
  }

  private constructor(name: string) {
    this.name = name
  }

  /** With the keys that are stored; else with the fresh ones. Rejects where there are neither. */
  async #connect(fresh: VaultKeys | null): Promise<void> {
    let isCut = false
    const db = await openDB(this.name, VERSION, {
      upgrade(made, _from, _to, transaction) {
        if (fresh) return makeStores(made)
        // It is gone with all that was in it: an empty one must not pass for it.
        transaction.done.catch(() => {})
        transaction.abort()
      },
      // Another tab deletes it.
      blocking: () => this.close(),
      terminated: () => {
        isCut = true
        if (this.#db === db) this.#db = null
      },
    })
    const keys = await storedKeys(db, fresh).catch((error) => {
      db.close()
      throw error
    })
    if (!this.#isOpen || isCut) db.close()
    else {
      this.#keys = keys
      this.#db = db
    }
  }

  /** Whether it is on the disk. For want of room the oldest of `kept` make some. */
  async put(
    store: StoreName,
    id: string,
    value: unknown,
    options: PutOptions = {},
  ): Promise<boolean> {
    const { expiresAt, group } = options
    const done = await this.#try(async () => {
      const place = {
        slot: await this.#slot(store, id),
        ...(group !== undefined && { group: await this.#group(group) }),
        ...(expiresAt !== undefined && { expiresAt }),
      }
      const sealed = await seal(this.#keys.cipher, labelOf(store, place), { id, value })
      await this.#write(store, { ...place, ...sealed })
      return true
    })
    if (done && !this.#askedToPersist) {
      this.#askedToPersist = true
      // Otherwise a browser in want of room may take it away.
      void navigator.storage?.persist?.().catch(() => false)
    }
    return done ?? false
  }

  /** Null where there is none, or no longer. */
  async get<T>(store: StoreName, id: string): Promise<T | null> {
    const entry = await this.#try(async (db) => {
      const record = await db.get(store, await this.#slot(store, id))
      return record && this.#open<T>(store, record)
    })
    return entry?.value ?? null
  }

  /** All that open, by id. Null: they can't be read now, and nobody knows what there is. */
  async all<T>(store: StoreName, opened: Opened<T> = new Map()): Promise<Entry<T>[] | null> {
    const read = await this.#try(async (db) => {
      const records: StoredRecord[] = await db.getAll(store)
      const entries = records.map(async (record) => {
        const before = opened.get(record.slot)
        const isSame = before?.iv.every((byte, at) => byte === record.iv[at])
        return isSame ? before!.entry : this.#open<T>(store, record)
      })
      return { records, entries: await Promise.all(entries) }
    })
    if (!read) return null
    opened.clear()
    read.records.forEach(({ slot, iv }, at) => {
      const entry = read.entries[at]
      if (entry) opened.set(slot, { iv, entry })
    })
    return read.entries
      .filter((entry) => entry !== null)
      .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
  }

  /** Null: nobody can say. */
  async count(store: StoreName): Promise<number | null> {
    return (await this.#try((db) => db.count(store))) ?? null
  }

  /** Whether it is gone from the disk. */
  async delete(store: StoreName, id: string): Promise<boolean> {
    const done = await this.#try(async (db) => {
      await db.delete(store, await this.#slot(store, id))
      return true
    })
    return done ?? false
  }

  /** All records about somebody. */
  async deleteGroup(store: StoreName, group: string): Promise<void> {
    await this.#try(async (db) => this.#deleteRange(db, store, 'group', await this.#group(group)))
  }

  async clear(...stores: StoreName[]): Promise<void> {
    await this.#try(async (db) => {
      const transaction = db.transaction(stores, 'readwrite')
      await Promise.all(stores.map((store) => transaction.objectStore(store).clear()))
      await transaction.done
    })
  }

  /** Deletes what has expired, though nobody asks for it again. */
  async sweep(): Promise<void> {
    const over = IDBKeyRange.upperBound(Date.now())
    await this.#try(async (db) => {
      for (const store of STORES) await this.#deleteRange(db, store, 'expiresAt', over)
    })
  }

  /**
   * Nothing but the outbox is left, for its owner to come back to; and if it is known to be empty, nothing at all.
   * Where the browser has cut the connection, it is done over another.
   */
  async strip(): Promise<void> {
    if (!this.#db) {
      const again = await openVault(this.name)
      if (!again) return
      if (again.#db) await again.strip()
      again.close()
      return
    }
    await this.clear('session', 'meta', 'customers', 'kept')
    if (await this.#empty({ evenUnsent: false })) await this.#delete()
  }

  /** It can't be used any more. What it holds stays. */
  close(): void {
    this.#isOpen = false
    this.#db?.close()
    this.#db = null
  }

  /** Deletes it with its keys; other tabs that have it open lose it. */
  async destroy(): Promise<void> {
    await this.#empty({ evenUnsent: true })
    await this.#delete()
  }

  /** Whether nothing is in it from here on. At once: what another tab has just put there is not overlooked. */
  async #empty({ evenUnsent }: { evenUnsent: boolean }): Promise<boolean> {
    const done = await this.#try(async (db) => {
      const stores = [...STORES, 'keys']
      const transaction = db.transaction(stores, 'readwrite')
      const isEmpty = evenUnsent || (await transaction.objectStore('outbox').count()) === 0
      if (isEmpty) for (const store of stores) void transaction.objectStore(store).clear()
      await transaction.done
      return isEmpty
    })
    return done ?? false
  }

  async #delete(): Promise<void> {
    this.close()
    await new Promise<void>((resolve) => {
      // A frozen tab holds it up until it is closed or wakes: there is nothing left in it.
      void deleteDB(this.name, { blocked: () => resolve() })
        .catch(() => {})
        .then(resolve)
    })
  }

  async #write(store: StoreName, record: StoredRecord): Promise<void> {
    for (;;) {
      try {
        const transaction = this.#db!.transaction(store, 'readwrite', { durability: 'strict' })
        void transaction.store.put(record).catch(() => {})
        await transaction.done
        return
      } catch (error) {
        if (!isWantOfRoom(error) || !(await this.#makeRoom())) throw error
      }
    }
  }

  /** Deletes the quarter of `kept` that expires first. Whether there was any. */
  async #makeRoom(): Promise<boolean> {
    const transaction = this.#db!.transaction('kept', 'readwrite')
    const oldest = transaction.store.index('expiresAt')
    let left = Math.ceil((await oldest.count()) / 4)
    if (left === 0) return false
    let cursor = await oldest.openKeyCursor()
    for (; cursor && left > 0; left -= 1) {
      void transaction.store.delete(cursor.primaryKey)
      cursor = await cursor.continue()
    }
    await transaction.done
    return true
  }

  async #open<T>(store: StoreName, record: StoredRecord): Promise<Entry<T> | null> {
    const { slot, expiresAt = Number.POSITIVE_INFINITY } = record
    if (expiresAt > Date.now()) {
      try {
        return (await unseal(this.#keys.cipher, labelOf(store, record), record)) as Entry<T>
      } catch {
        // Touched by somebody, or sealed with a key that is gone.
      }
    }
    // An act is too dear for it: whatever kept it from being opened may pass.
    if (store !== 'outbox') await this.#db?.delete(store, slot)
    return null
  }

  async #deleteRange(
    db: IDBPDatabase,
    store: StoreName,
    index: 'group' | 'expiresAt',
    range: string | IDBKeyRange,
  ): Promise<void> {
    const transaction = db.transaction(store, 'readwrite')
    const keys = await transaction.store.index(index).getAllKeys(range)
    await Promise.all(keys.map((key) => transaction.store.delete(key)))
    await transaction.done
  }

  #slot(store: StoreName, id: string): Promise<string> {
    return blind(this.#keys, store, id)
  }

  #group(group: string): Promise<string> {
    return blind(this.#keys, 'group', group)
  }

  /**
   * Undefined when it could not be done: closed, deleted by another tab, no room, a broken disk. What a cut left in
   * doubt is done once more: work is such that this changes nothing.
   */
  async #try<T>(work: (db: IDBPDatabase) => Promise<T>): Promise<T | undefined> {
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      if (!this.#db && this.#isOpen) await this.#reopen()
      const db = this.#db
      if (!db) return undefined
      try {
        return await work(db)
      } catch (error) {
        if (!isCutOff(error)) return undefined
        db.close()
        if (this.#db === db) this.#db = null
      }
    }
    return undefined
  }

  /** Where nothing was left of it, it stays closed. */
  async #reopen(): Promise<void> {
    this.#reopening ??= this.#connect(null)
      .catch(() => {})
      .finally(() => {
        this.#reopening = undefined
      })
    await Promise.race([this.#reopening, tooLate()])
  }
}

function makeStores(db: IDBPDatabase): void {
  db.createObjectStore('keys')
  for (const name of STORES) {
    const store = db.createObjectStore(name, { keyPath: 'slot' })
    store.createIndex('expiresAt', 'expiresAt')
    store.createIndex('group', 'group')
  }
}

/** Those that are there; else the fresh ones, unless another tab was quicker. Rejects where there are none. */
async function storedKeys(db: IDBPDatabase, fresh: VaultKeys | null): Promise<VaultKeys> {
  const transaction = db.transaction('keys', 'readwrite', { durability: 'strict' })
  const known: VaultKeys | undefined = await transaction.store.get('keys')
  if (!known && fresh) await transaction.store.put(fresh, 'keys')
  await transaction.done
  const keys = known ?? fresh
  if (!keys) throw new Error('the vault has lost its keys')
  return keys
}

/** What a record is sealed beside: none of it can be changed, nor the record moved, without it showing. */
function labelOf(
  store: StoreName,
  { slot, group, expiresAt }: Omit<StoredRecord, keyof Sealed>,
): string {
  return JSON.stringify([store, slot, group ?? null, expiresAt ?? null])
}

function isWantOfRoom(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'QuotaExceededError'
}

/** As the browsers say that the connection, and not what was asked of it, is at fault. */
function isCutOff(error: unknown): boolean {
  return (
    error instanceof DOMException &&
    (error.name === 'InvalidStateError' || error.name === 'UnknownError')
  )
}
