/**
 * The file's lines → temporary tables of the import's session. They are gone with the session, no
 * publication sees them, and the memory of this process stays flat however large the file is.
 *
 * Plain INSERTs over array literals, not COPY: with postgres.js a COPY that the server refuses after
 * the last byte was sent (a full disk) is never settled, and 540,000 lines cost only 1.5 s more.
 */
import type { ReservedSql } from 'postgres'
import type { InvoiceLine } from './online-retail.ts'

/** What cannot be imported, and why. */
export interface RejectedLine {
  line: number
  reason: string
}

const BATCH = 2000

/** Makes the tables: `import_line`, and `import_reject` for the lines that are refused. */
export async function createStage(sql: ReservedSql): Promise<void> {
  await sql.unsafe(/* sql */ `
    create temp table import_line (
      file_line bigint not null,
      invoice text collate "C" not null,
      sku text collate "C" not null,
      description text collate "C",
      qty numeric(12,3) not null,
      unit_price bigint not null,
      total bigint not null,
      sold_at timestamptz not null,
      customer text collate "C",
      country text collate "C" not null
    );
    create temp table import_reject (file_line bigint not null, reason text not null)`)
}

/** Fills the stage. What `add` was given is in the tables when `flush` resolves. */
export class Stage {
  readonly #sql: ReservedSql
  #lines: (InvoiceLine & { line: number })[] = []
  #rejects: RejectedLine[] = []
  /** The batch on its way: the next one is read meanwhile, and no more than that. */
  #sending: Promise<unknown> = Promise.resolve()

  constructor(sql: ReservedSql) {
    this.#sql = sql
  }

  /** Keeps an invoice line. Resolves at once, or when the database has caught up. */
  async add(line: number, invoiceLine: InvoiceLine): Promise<void> {
    this.#lines.push({ ...invoiceLine, line })
    if (this.#lines.length >= BATCH) await this.#send()
  }

  /** Keeps a line that cannot be imported, with its reason. */
  async reject(line: number, reason: string): Promise<void> {
    this.#rejects.push({ line, reason })
    if (this.#rejects.length >= BATCH) await this.#send()
  }

  /** Resolves when all that was added is in the tables. */
  async flush(): Promise<void> {
    await this.#send()
    await this.#sending
  }

  async #send(): Promise<void> {
    const lines = this.#lines
    const rejects = this.#rejects
    this.#lines = []
    this.#rejects = []
    await this.#sending
    this.#sending = Promise.all([
      lines.length > 0 && this.#sql.unsafe(INSERT_LINES, lineColumns(lines), { prepare: true }),
      rejects.length > 0 &&
        this.#sql.unsafe(
          INSERT_REJECTS,
          [array(rejects, (r) => r.line), array(rejects, (r) => quoted(r.reason))],
          { prepare: true },
        ),
    ])
    // A failure is the next send's or the flush's to throw; until then it must not look unhandled.
    this.#sending.catch(() => {})
  }
}

const INSERT_LINES = /* sql */ `
  insert into import_line
  select * from unnest(
    $1::text::bigint[], $2::text::text[], $3::text::text[], $4::text::text[], $5::text::numeric[],
    $6::text::bigint[], $7::text::bigint[], $8::text::timestamptz[], $9::text::text[],
    $10::text::text[])`

const INSERT_REJECTS = /* sql */ `
  insert into import_reject select * from unnest($1::text::bigint[], $2::text::text[])`

function lineColumns(lines: readonly (InvoiceLine & { line: number })[]): string[] {
  return [
    array(lines, (l) => l.line),
    array(lines, (l) => quoted(l.invoice)),
    array(lines, (l) => quoted(l.sku)),
    array(lines, (l) => quoted(l.description)),
    array(lines, (l) => l.qty),
    array(lines, (l) => l.unitPrice),
    array(lines, (l) => l.total),
    array(lines, (l) => l.soldAt),
    array(lines, (l) => quoted(l.customer)),
    array(lines, (l) => quoted(l.country)),
  ]
}

/** One text in PostgreSQL's array syntax: cheaper than the driver's own, element by element. */
function array<T>(items: readonly T[], element: (item: T) => string | number | bigint): string {
  return `{${items.map(element).join(',')}}`
}

function quoted(text: string | null): string {
  if (text === null) return 'NULL'
  return `"${/["\\]/.test(text) ? text.replace(/["\\]/g, '\\$&') : text}"`
}
