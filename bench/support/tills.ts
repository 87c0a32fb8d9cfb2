/** The tills of `bench freshness`, as a process: sales at a steady rate, each a transaction. */
import postgres from 'postgres'
import type { Rung } from '../freshness.ts'
import { CUSTOMERS, customerId, ringUpOne } from './workload.ts'

const { TILLS_URL, TILLS_RATE, TILLS_SECONDS, TILLS_TOLD } = process.env
const rate = Number(TILLS_RATE)
const sql = postgres(TILLS_URL!, { max: 8, fetch_types: false, onnotice() {} })
await sql`select 1`
const started = performance.now()
const running = new Set<Promise<void>>()
for (let n = 0; n < rate * Number(TILLS_SECONDS); n++) {
  // A late one is not left out: the rate holds over time, whatever the pauses.
  const due = started + (n * 1000) / rate
  if (due > performance.now()) await Bun.sleep(due - performance.now())
  const customer = customerId(1 + ((n * 7919) % CUSTOMERS))
  const sale = ringUpOne(sql, customer).then((saleId) => {
    const committedAt = performance.timeOrigin + performance.now()
    if (n % Number(TILLS_TOLD) === 0)
      process.send?.({ saleId, customerId: customer, committedAt } satisfies Rung)
  })
  running.add(sale)
  sale.finally(() => running.delete(sale))
}
await Promise.all(running)
await sql.end()
// What was sent last arrives before the channel closes.
process.disconnect?.()
