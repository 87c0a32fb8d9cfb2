/**
 * What the read model held at each of its positions. Triggers in the read store note every purchase and
 * every customer's card that a commit of the projector has changed, as the commit leaves it and with the
 * position that it makes; the versions are collected here. Nothing of it goes by floors or the cache.
 */
import type { Sql } from 'postgres'
import { type Lsn, parseLsn } from '../../src/domain/lsn.ts'
import { LINE } from '../../src/domain/receipt.ts'

export interface PurchaseVersion {
  customer: string | null
  parent: string | null
  kind: 'sale' | 'order'
  type: string
  status: string
  counted: boolean
  listed: boolean
  /** Text that sorts as the time does. */
  occurredAt: string
  currency: string
  total: number
  refunded: number
  /** `[id, qty, parentLineId, voidedAt]`. */
  lines: [string, string | null, string | null, string | null][]
}

interface CardVersion {
  status: string
  mergedInto: string | null
}

interface Versions<T> {
  positions: Lsn[]
  values: (T | null)[]
}

const TIME = `to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
/** What is noted of each table's row, and its key. */
const NOTED = {
  purchase_timeline: {
    key: 'purchase_id',
    json: `jsonb_build_object('customer', customer_id, 'parent', parent_purchase_id, 'kind', kind,
      'type', type, 'status', status, 'counted', counted, 'listed', listed, 'occurredAt', ${TIME},
      'currency', currency, 'total', total, 'refunded', refunded, 'lines', (
        select coalesce(jsonb_agg(jsonb_build_array(l -> ${LINE.id}, l -> ${LINE.qty},
          l -> ${LINE.parentLineId}, l -> ${LINE.voidedAt}) order by n), '[]')
        from jsonb_array_elements(lines::jsonb) with ordinality as of(l, n)))`,
  },
  customer_card: {
    key: 'customer_id',
    json: `jsonb_build_object('status', status, 'mergedInto', merged_into)`,
  },
}

export class History {
  readonly #sql: Sql
  readonly #purchases = new Map<string, Versions<PurchaseVersion>>()
  readonly #cards = new Map<string, Versions<CardVersion>>()
  /** Purchases that were ever a customer's. */
  readonly #ofCustomer = new Map<string, Set<string>>()
  /** Purchases that ever had this one as their parent. */
  readonly #ofParent = new Map<string, Set<string>>()
  #last = '0'

  private constructor(sql: Sql) {
    this.#sql = sql
  }

  /** From now on; with all that is there. The projector must not write meanwhile. */
  static async begin(sql: Sql): Promise<History> {
    await sql.unsafe(`create table check_history (
      id bigint generated always as identity primary key, position text not null,
      tab text not null, row_id text not null, held jsonb)`)
    const [serving] = await sql<{ generation: string }[]>`
      select generation::text from projection_checkpoint where serving`
    const schema = `generation_${serving!.generation}`
    for (const [table, { key, json }] of Object.entries(NOTED)) {
      const held = `(select ${json} from ${schema}.${table} where ${key} = changed)`
      // Deferred: fired by the commit, behind the checkpoint's move, which comes last.
      await sql.unsafe(`
        create function note_${table}() returns trigger language plpgsql as $$
        declare changed uuid;
        begin
          foreach changed in array array[old.${key}, new.${key}] loop
            continue when changed is null;
            insert into public.check_history (position, tab, row_id, held)
            values ((select position::text from public.read_model), '${table}', changed, ${held});
          end loop;
          return null;
        end $$;
        create constraint trigger note after insert or update or delete on ${schema}.${table}
          deferrable initially deferred for each row execute function note_${table}();
        insert into check_history (position, tab, row_id, held)
        select (select position::text from read_model), '${table}', ${key}, ${json} from ${schema}.${table}`)
    }
    const history = new History(sql)
    await history.load()
    return history
  }

  /** Takes in what has been committed until now. */
  async load(): Promise<void> {
    const rows = await this.#sql<
      { id: string; position: string; tab: string; row_id: string; held: unknown }[]
    >`
      select id::text, position, tab, row_id, held from check_history
      where check_history.id > ${this.#last}::text::bigint order by check_history.id`
    for (const { position, tab, row_id, held } of rows) {
      const at = parseLsn(position)
      if (tab === 'customer_card') add(this.#cards, row_id, at, held as CardVersion | null)
      else this.#addPurchase(row_id, at, held as PurchaseVersion | null)
    }
    this.#last = rows.at(-1)?.id ?? this.#last
  }

  purchase(id: string, at: Lsn): PurchaseVersion | null {
    return valueAt(this.#purchases.get(id), at)
  }

  card(id: string, at: Lsn): CardVersion | null {
    return valueAt(this.#cards.get(id), at)
  }

  /** Whether this was there at every position from `from` on, as far as is loaded. */
  purchaseStays(id: string, from: Lsn, holds: (version: PurchaseVersion) => boolean): boolean {
    return valuesSince(this.#purchases.get(id), from).every((held) => held !== null && holds(held))
  }

  cardStays(id: string, from: Lsn): boolean {
    return valuesSince(this.#cards.get(id), from).every((held) => held !== null)
  }

  purchasesOf(customer: string, at: Lsn): [id: string, PurchaseVersion][] {
    return this.#those(this.#ofCustomer.get(customer), at, (held) => held.customer === customer)
  }

  childrenOf(parent: string, at: Lsn): [id: string, PurchaseVersion][] {
    return this.#those(this.#ofParent.get(parent), at, (held) => held.parent === parent)
  }

  #those(ids: Set<string> | undefined, at: Lsn, holds: (version: PurchaseVersion) => boolean) {
    return [...(ids ?? [])].flatMap((id): [string, PurchaseVersion][] => {
      const held = this.purchase(id, at)
      return held && holds(held) ? [[id, held]] : []
    })
  }

  #addPurchase(id: string, at: Lsn, held: PurchaseVersion | null) {
    add(this.#purchases, id, at, held)
    if (held?.customer) into(this.#ofCustomer, held.customer).add(id)
    if (held?.parent) into(this.#ofParent, held.parent).add(id)
  }
}

function add<T>(all: Map<string, Versions<T>>, id: string, at: Lsn, held: T | null) {
  const versions = all.get(id) ?? { positions: [], values: [] }
  all.set(id, versions)
  // A row that a commit has changed twice is noted twice, as it is in the end.
  if (versions.positions.at(-1) === at) versions.values[versions.values.length - 1] = held
  else {
    versions.positions.push(at)
    versions.values.push(held)
  }
}

function into(all: Map<string, Set<string>>, key: string): Set<string> {
  const set = all.get(key) ?? new Set()
  all.set(key, set)
  return set
}

function indexAt<T>({ positions }: Versions<T>, at: Lsn): number {
  return positions.findLastIndex((position) => position <= at)
}

function valueAt<T>(versions: Versions<T> | undefined, at: Lsn): T | null {
  return versions?.values[indexAt(versions, at)] ?? null
}

/** The value at `from`, and all that came after it. */
function valuesSince<T>(versions: Versions<T> | undefined, from: Lsn): (T | null)[] {
  if (!versions) return [null]
  const first = indexAt(versions, from)
  return first === -1 ? [null, ...versions.values] : versions.values.slice(first)
}
