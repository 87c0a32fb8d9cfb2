/**
 * Decoder of pgoutput (protocol version 1), as a plugin of pg-logical-replication.
 *
 * The library's own parser makes an object with named and typed values of each row: microseconds and
 * big integers are lost, and it is too slow to keep two cores busy. This one keeps every value as the
 * text that the server sent, in the fixed order of `SourceTable`, and hands it straight to a sink.
 *
 * Protocol: https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
 */
import { AbstractPlugin } from 'pg-logical-replication/dist/output-plugins/abstract.plugin.js'
import { type Lsn, lsnOfHalves } from '../../src/domain/lsn.ts'
import { FatalProjectorError } from '../errors.ts'
import type { TransactionSink, Values } from '../source/change.ts'
import { quoted } from '../source/contract.ts'
import { type SourceTable, tableNamed } from '../source/tables.ts'
import type { DataSocket } from './copy-frames.ts'

/** Microseconds from 1970 to 2000, the epoch of Postgres. */
const EPOCH_MICROS = 946_684_800_000_000n

const TAG = {
  begin: 0x42,
  commit: 0x43,
  delete: 0x44,
  insert: 0x49,
  message: 0x4d,
  origin: 0x4f,
  relation: 0x52,
  truncate: 0x54,
  update: 0x55,
  type: 0x59,
} as const
const TUPLE = { key: 0x4b, new: 0x4e, old: 0x4f } as const
const VALUE = { null: 0x6e, text: 0x74, unchanged: 0x75 } as const

interface Relation {
  table: SourceTable
  /** For each column as sent: where it stands in the values, or −1 for one that is not projected. */
  slots: Int8Array
  width: number
}

interface PgoutputOptions {
  /** Of the projected tables; tables of the same name elsewhere are others. */
  schema: string
  publication: string
  sink: TransactionSink
  /** Called on the replication connection before the stream starts; a throw stops the start. */
  prepare(client: ReplicationClient): Promise<void>
}

/** The client that the library hands to a plugin, as far as it is used here. */
export interface ReplicationClient {
  query(sql: string): Promise<{ rows: Record<string, string>[] }>
  connection: { stream: DataSocket }
}

export class PgoutputPlugin extends AbstractPlugin<PgoutputOptions> {
  readonly #relations = new Map<number, Relation | null>()
  #buffer: Buffer = Buffer.alloc(0)
  #at = 0
  #end = 0

  override get name(): string {
    return 'pgoutput'
  }

  override async start(client: unknown, slotName: string, from: string): Promise<unknown> {
    const replication = client as ReplicationClient
    await this.options.prepare(replication)
    // A list of names: unquoted ones would be folded to lower case.
    const publication = quoted(this.options.publication).replaceAll("'", "''")
    return replication.query(
      `START_REPLICATION SLOT "${slotName}" LOGICAL ${from} (proto_version '1', publication_names '${publication}', messages 'true')`,
    )
  }

  override parse(buffer: Buffer): undefined {
    this.decode(buffer, 0, buffer.length)
  }

  /**
   * Decodes the message at `buffer[at..end)` into the sink.
   * Throws on a message that this protocol version does not have.
   */
  decode(buffer: Buffer, at: number, end: number): void {
    this.#buffer = buffer
    this.#at = at + 1
    this.#end = end
    const { sink } = this.options
    switch (buffer[at]) {
      case TAG.insert: {
        const relation = this.#relation()
        if (!relation) return
        this.#at++
        sink.change({ op: 'insert', table: relation.table, values: this.#tuple(relation) })
        return
      }
      case TAG.begin: {
        const commitLsn = this.#lsn()
        sink.begin(commitLsn, this.#time())
        return
      }
      case TAG.commit: {
        this.#at++
        const commitLsn = this.#lsn()
        const endLsn = this.#lsn()
        sink.commit(commitLsn, endLsn, this.#time())
        return
      }
      case TAG.update: {
        const relation = this.#relation()
        if (!relation) return
        const { table } = relation
        let old: Values | null = null
        if (buffer[this.#at++] !== TUPLE.new) {
          old = this.#tuple(relation)
          this.#at++
        }
        sink.change({ op: 'update', table, values: this.#tuple(relation), old })
        return
      }
      case TAG.delete: {
        const relation = this.#relation()
        if (!relation) return
        this.#at++
        sink.change({ op: 'delete', table: relation.table, old: this.#tuple(relation) })
        return
      }
      case TAG.relation:
        this.#readRelation()
        return
      case TAG.truncate: {
        const count = this.#int32()
        this.#at++
        const tables = Array.from({ length: count }, () => this.#relation()?.table.name)
        sink.change({ op: 'truncate', tables: tables.filter((name) => name !== undefined) })
        return
      }
      case TAG.message:
      case TAG.origin:
      case TAG.type:
        return
      default:
        throw new Error(`unknown pgoutput message: tag 0x${buffer[at]?.toString(16)}`)
    }
  }

  /** null for a table that is published but not projected. */
  #relation(): Relation | null {
    const id = this.#int32()
    const relation = this.#relations.get(id)
    if (relation === undefined) throw new Error(`pgoutput sent a row of an unknown relation ${id}`)
    return relation
  }

  #readRelation() {
    const id = this.#int32()
    const schema = this.#cstring()
    const table = schema === this.options.schema ? tableNamed(this.#cstring()) : undefined
    if (!table) {
      this.#relations.set(id, null)
      return
    }
    this.#at++
    const count = this.#int16()
    const slots = new Int8Array(count)
    for (let i = 0; i < count; i++) {
      this.#at++
      slots[i] = table.columns.indexOf(this.#cstring())
      this.#at += 8
    }
    const missing = table.columns.filter((_, at) => !slots.includes(at))
    if (missing.length > 0)
      throw new FatalProjectorError(
        `table ${table.name} of the source no longer publishes ${missing.join(', ')}: give it back; what was written meanwhile can't be read, so if this is said again, run \`pt projector reset\` and start again`,
      )
    this.#relations.set(id, { table, slots, width: table.columns.length })
  }

  /**
   * The message's text is decoded at once and cut: far cheaper than a decode a value. Byte and
   * character positions agree only where nothing but ASCII stands; one multi-byte character makes the
   * decoded text shorter than its bytes, and then each value is decoded alone. (A length byte above
   * 0x7F becomes one replacement character: as long as itself.)
   */
  #tuple(relation: Relation): Values {
    const { slots } = relation
    const buffer = this.#buffer
    const start = this.#at
    const whole = buffer.toString('utf8', start, this.#end)
    const ascii = whole.length === this.#end - start
    const values: Values = new Array(relation.width).fill(undefined)
    let at = start + 2
    for (let i = 0; i < slots.length; i++) {
      const kind = buffer[at++]
      const slot = slots[i]!
      if (kind === VALUE.text) {
        const length =
          (buffer[at]! << 24) | (buffer[at + 1]! << 16) | (buffer[at + 2]! << 8) | buffer[at + 3]!
        at += 4
        if (slot >= 0) {
          values[slot] = ascii
            ? whole.substring(at - start, at - start + length)
            : buffer.toString('utf8', at, at + length)
        }
        at += length
      } else if (kind === VALUE.null) {
        if (slot >= 0) values[slot] = null
      } else if (kind !== VALUE.unchanged) {
        throw new Error(`pgoutput sent a value of the unknown kind 0x${kind?.toString(16)}`)
      }
    }
    this.#at = at
    return values
  }

  #int16(): number {
    const value = this.#buffer.readInt16BE(this.#at)
    this.#at += 2
    return value
  }

  #int32(): number {
    const value = this.#buffer.readUInt32BE(this.#at)
    this.#at += 4
    return value
  }

  #lsn(): Lsn {
    return lsnOfHalves(this.#int32(), this.#int32())
  }

  /** Microseconds since 1970. */
  #time(): bigint {
    const micros = this.#buffer.readBigInt64BE(this.#at)
    this.#at += 8
    return micros + EPOCH_MICROS
  }

  #cstring(): string {
    const end = this.#buffer.indexOf(0, this.#at)
    const text = this.#buffer.toString('utf8', this.#at, end)
    this.#at = end + 1
    return text
  }
}
