/** What the timeline must hold for a source, said again in other words than the fold's. */
import type { Row } from './changes.ts'
import type { SourceModel } from './source-model.ts'

const LINE_COLUMNS =
  'id line_no product_id variant_id product_name variant_name sku size color category_name qty unit_price discount_total tax_total total promotion_ref bundle_ref parent_line_id seat_no voided_at comped_at'.split(
    ' ',
  )
const PAYMENT_COLUMNS = ['id', 'method', 'amount', 'reference']
const COPIED =
  'business_id type status customer_id location_id employee_id currency subtotal discount_total tax_total tip_total total'.split(
    ' ',
  )

/** Rows of purchase_timeline by id, without their LSNs. */
export function timelineOf({ tables }: SourceModel): Map<string, Row> {
  const timeline = new Map<string, Row>()
  const children = (rows: Iterable<Row>, parent: string, id: string) =>
    [...rows].filter((row) => row[parent] === id)
  for (const sale of tables.sale.values()) {
    const lines = children(tables.sale_line.values(), 'sale_id', sale.id!)
    const payments = children(tables.sale_payment.values(), 'sale_id', sale.id!)
    timeline.set(sale.id!, {
      ...common(sale, lines, payments),
      kind: 'sale',
      counted: String(sale.status === 'completed'),
      listed: 'true',
      occurred_at: sale.completed_at ?? sale.created_at!,
      receipt_number: sale.receipt_number!,
      guest_count: null,
      parent_purchase_id: sale.parent_sale_id!,
      order_id: sale.order_id!,
      settled_by: null,
    })
  }
  for (const order of tables.order.values()) {
    const items = children(tables.order_item.values(), 'order_id', order.id!)
    const payments = children(tables.order_payment.values(), 'order_id', order.id!)
    const settlers = children(tables.sale.values(), 'order_id', order.id!).map(({ id }) => id)
    const settled = settlers.length > 0
    timeline.set(order.id!, {
      ...common(order, items, payments),
      kind: 'order',
      counted: String(order.status === 'closed' && !settled),
      listed: String(!settled),
      occurred_at: order.closed_at ?? order.opened_at!,
      receipt_number: null,
      guest_count: order.guest_count!,
      parent_purchase_id: null,
      order_id: null,
      settled_by: settled ? `{${settlers.sort().join(',')}}` : null,
    })
  }
  return timeline
}

function common(header: Row, lines: Row[], payments: Row[]): Row {
  const ordered = lines.sort(
    (a, b) => Number(a.line_no) - Number(b.line_no) || (a.id! < b.id! ? -1 : 1),
  )
  const counting = ordered.filter((line) => !line.voided_at && !line.comped_at)
  const amount = (line: Row) => Math.abs(Number(line.total))
  const dearest = [...counting].sort((a, b) => amount(b) - amount(a))[0]
  const takesBack = header.type === 'return' || header.type === 'exchange'
  let refunded = 0n
  if (takesBack) {
    for (const line of counting) {
      const total = BigInt(line.total!)
      if (Number(line.qty) < 0) refunded += total < 0n ? -total : total
    }
  }
  return {
    purchase_id: header.id!,
    ...Object.fromEntries(COPIED.map((column) => [column, header[column]!])),
    refunded: refunded.toString(),
    item_count: counting.length.toString(),
    top_product: dearest?.product_name ?? null,
    top_variant: dearest?.variant_name ?? null,
    lines: JSON.stringify(ordered.map((line) => tuple(line, LINE_COLUMNS))),
    payments: JSON.stringify(
      payments.sort((a, b) => (a.id! < b.id! ? -1 : 1)).map((row) => tuple(row, PAYMENT_COLUMNS)),
    ),
  }
}

function tuple(row: Row, columns: string[]): (string | null)[] {
  const values = columns.map((column) => row[column] ?? null)
  return values.slice(0, values.findLastIndex((value) => value !== null) + 1)
}

/** Rows of the directory by `table/id`, with the read model's columns. */
export function cardsOf({ tables }: SourceModel): Map<string, Row> {
  return new Map(
    [...tables.customer.values()].map(({ id, merged_into_id, ...row }) => [
      `customer/${id}`,
      { customer_id: id!, ...row, merged_into: merged_into_id! },
    ]),
  )
}
