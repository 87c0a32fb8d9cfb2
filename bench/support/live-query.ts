/**
 * The original system, as the peer: a bare Hono route that asks the POS's own tables for every request,
 * the list as a UNION of sales and orders with OFFSET, the summary as sums over both and the returned lines,
 * the receipt as the sale with its lines, payments and what was returned of each line.
 */
import { type Context, Hono } from 'hono'
import postgres, { type Sql } from 'postgres'

/** Lends a client for one request, in the way of the runtime. */
type Lend = <T>(c: Context, work: (sql: Sql) => Promise<T>) => Promise<T>

interface LiveServer {
  url: string
  stop(): Promise<void>
}

export function liveQueries(lend: Lend): Hono {
  const app = new Hono()
  app.get('/customers/:id/purchases', async (c) => {
    const id = c.req.param('id')
    const offset = Number(c.req.query('offset') ?? 0)
    const rows = await lend(
      c,
      (sql) => sql`
      select p.*, l.name as location_name from (
        select s.id, 'sale' as kind, s.type, s.status, s.receipt_number, s.currency, s.total, s.location_id,
          coalesce(s.completed_at, s.created_at) as occurred_at,
          (select count(*) from sale_line i where i.sale_id = s.id) as items
        from sale s where s.customer_id = ${id}
        union all
        select o.id, 'order', o.type, o.status, null, o.currency, o.total, o.location_id,
          coalesce(o.closed_at, o.opened_at),
          (select count(*) from order_item i where i.order_id = o.id)
        from "order" o where o.customer_id = ${id}
          and not exists (select from sale s where s.order_id = o.id)
      ) p join location l on l.id = p.location_id
      order by occurred_at desc, id desc limit 25 offset ${offset}`,
    )
    return c.json({ data: rows })
  })
  app.get('/customers/:id/purchase-summary', async (c) => {
    const id = c.req.param('id')
    const rows = await lend(
      c,
      (sql) => sql`
      with counted as (
        select s.id, s.type, s.currency, s.total, coalesce(s.completed_at, s.created_at) as occurred_at
        from sale s where s.customer_id = ${id} and s.status = 'completed'
        union all
        select o.id, o.type, o.currency, o.total, coalesce(o.closed_at, o.opened_at)
        from "order" o where o.customer_id = ${id} and o.status = 'closed'
          and not exists (select from sale s where s.order_id = o.id)
      ), refunds as (
        select c.currency, sum(abs(i.total)) as refunded from counted c join sale_line i on i.sale_id = c.id
        where c.type in ('return', 'exchange') and i.qty < 0 group by 1
      )
      select c.currency, sum(c.total) as net, coalesce(max(r.refunded), 0) as refunded,
        count(*) filter (where c.type <> 'return') as orders, count(*) filter (where c.type = 'return') as returns,
        min(occurred_at) filter (where c.type <> 'return') as first, max(occurred_at) filter (where c.type <> 'return') as last
      from counted c left join refunds r on r.currency = c.currency group by c.currency`,
    )
    return c.json({ customerId: id, totals: rows })
  })
  app.get('/customers/:id/purchases/:saleId', async (c) => {
    const { id, saleId } = c.req.param()
    const rows = await lend(
      c,
      (sql) => sql`
      select s.*, l.name as location_name, e.display_name as employee_name,
        (select json_agg(i order by line_no) from (
          select i.*, i.qty + coalesce((
            select sum(r.qty) from sale_line r join sale rs on rs.id = r.sale_id
            where r.parent_line_id = i.id and rs.status = 'completed'), 0) as remaining
          from sale_line i where i.sale_id = s.id) i) as lines,
        (select json_agg(p) from sale_payment p where p.sale_id = s.id) as payments,
        (select json_agg(r) from sale r where r.parent_sale_id = s.id) as returns
      from sale s join location l on l.id = s.location_id
        left join employee e on e.id = s.employee_id
      where s.id = ${saleId} and s.customer_id = ${id}`,
    )
    return c.json(rows[0] ?? null)
  })
  return app
}

export function serveLiveQueries(sourceUrl: string): LiveServer {
  const sql = postgres(sourceUrl, { max: 10, fetch_types: false, onnotice() {} })
  const app = liveQueries((_c, work) => work(sql))
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: (request) => app.fetch(request),
  })
  return {
    url: `http://127.0.0.1:${server.port}`,
    async stop() {
      await server.stop()
      await sql.end({ timeout: 1 })
    },
  }
}
