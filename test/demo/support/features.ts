/** What the normal demo promises to show, each as a count of where it does. */
import type { Rows, SourceTransaction } from '../../../cli/demo/changes.ts'
import { groupBy, milliOf, type Tables } from './tables.ts'

type Feature = (tables: Tables, transactions: readonly SourceTransaction[]) => number

const count = <Row>(rows: Map<string, Row>, holds: (row: Row) => unknown) =>
  [...rows.values()].filter(holds).length

const sales = (holds: (row: Rows['sale']) => unknown) => (tables: Tables) =>
  count(tables.sale, holds)
const lines = (holds: (row: Rows['saleLine']) => unknown) => (tables: Tables) =>
  count(tables.saleLine, holds)
const orders = (holds: (row: Rows['order']) => unknown) => (tables: Tables) =>
  count(tables.order, holds)
const items = (holds: (row: Rows['orderItem']) => unknown) => (tables: Tables) =>
  count(tables.orderItem, holds)
const payments = (holds: (row: Rows['salePayment']) => unknown) => (tables: Tables) =>
  count(tables.salePayment, holds)
const customers = (holds: (row: Rows['customer']) => unknown) => (tables: Tables) =>
  count(tables.customer, holds)
const currency = (code: string) => (tables: Tables) =>
  sales((sale) => sale.currency === code)(tables) +
  orders((order) => order.currency === code)(tables)

/** Transactions with a change that fits, and nothing that they insert beside it. */
const edits =
  (holds: (change: SourceTransaction['changes'][number]) => unknown): Feature =>
  (_, transactions) =>
    transactions.filter(({ changes }) => changes.some(holds)).length

export const FEATURES: Record<string, Feature> = {
  'completed sales': sales((sale) => sale.type === 'sale' && sale.status === 'completed'),
  'draft sales': sales((sale) => sale.status === 'draft'),
  'parked sales': sales((sale) => sale.status === 'parked'),
  'voided sales': sales((sale) => sale.status === 'voided'),
  'layaway completions': sales(
    (sale) => sale.type === 'layaway_completion' && sale.status === 'completed',
  ),
  returns: sales((sale) => sale.type === 'return'),
  'partly returned lines': (tables) => {
    const back = groupBy(tables.saleLine.values(), (line) => line.parentLineId)
    return count(tables.saleLine, (line) => {
      const returned = (back.get(line.id) ?? []).reduce((sum, each) => sum - milliOf(each.qty), 0n)
      return returned > 0n && returned < milliOf(line.qty)
    })
  },
  'exchanges that cost': sales((sale) => sale.type === 'exchange' && sale.total > 0n),
  'exchanges that give back': sales((sale) => sale.type === 'exchange' && sale.total < 0n),
  'orders at a table': orders((order) => order.type === 'dine_in' && order.guestCount! > 1),
  'orders to take away': orders((order) => order.type === 'takeaway'),
  'orders delivered': orders((order) => order.type === 'delivery'),
  'open orders': orders((order) => order.status === 'open'),
  'cancelled orders': orders((order) => order.status === 'cancelled'),
  'closed orders': orders((order) => order.status === 'closed'),
  'voided items': items((item) => item.voidedAt !== null),
  'comped items': items((item) => item.compedAt !== null),
  'items voided after the order was opened': edits(
    (change) => change.op === 'update' && change.table === 'orderItem' && change.set.voidedAt,
  ),
  tips: orders((order) => order.tipTotal > 0n),
  'orders settled by a sale': sales((sale) => sale.orderId !== null),
  'guest sales': sales((sale) => sale.customerId === null && sale.status === 'completed'),
  'guest sales linked later': edits(
    (change) =>
      change.op === 'update' &&
      change.table === 'sale' &&
      Object.keys(change.set).join() === 'customerId' &&
      change.ids.length === 1,
  ),
  'sales voided later': sales((sale) => sale.status === 'voided' && sale.receiptNumber !== null),
  'corrected lines': edits((change) => change.op === 'update' && change.table === 'saleLine'),
  'deleted lines': edits((change) => change.op === 'delete' && change.table === 'saleLine'),
  'renamed products': edits((change) => change.op === 'update' && change.table === 'product'),
  discounts: lines((line) => line.discountTotal > 0n && line.promotionRef !== null),
  bundles: (tables) =>
    [
      ...groupBy(
        [...tables.saleLine.values()].filter((line) => line.bundleRef !== null),
        (line) => `${line.saleId} ${line.bundleRef}`,
      ).values(),
    ].filter((bundle) => bundle.length > 1).length,
  'weighed goods': lines((line) => milliOf(line.qty) % 1000n !== 0n),
  'a weight of 0.532 kg': lines((line) => line.qty === '0.532'),
  'taxed lines': lines((line) => line.taxTotal > 0n),
  'mixed tenders': (tables) =>
    [...groupBy(tables.salePayment.values(), (payment) => payment.saleId).values()].filter(
      (tenders) => new Set(tenders.map(({ method }) => method)).size > 1,
    ).length,
  'paid by card': payments((payment) => payment.method === 'card'),
  'paid in cash': payments((payment) => payment.method === 'cash'),
  'paid by gift card': payments((payment) => payment.method === 'gift_card'),
  'paid by voucher': payments((payment) => payment.method === 'voucher'),
  refunds: payments((payment) => payment.amount < 0n),
  'long names': customers((customer) => (customer.name?.length ?? 0) > 45),
  'names in other scripts': customers((customer) =>
    /[\p{Script=Han}\p{Script=Hangul}]/u.test(customer.name ?? ''),
  ),
  'blocked customers': customers((customer) => customer.status === 'blocked'),
  'customers without a purchase': (tables) => {
    const owners = new Set(
      [...tables.sale.values(), ...tables.order.values()].map((purchase) => purchase.customerId),
    )
    return customers((customer) => customer.status !== 'merged' && !owners.has(customer.id))(tables)
  },
  'erased customers who had purchases': (_, transactions) =>
    transactions.filter(
      ({ changes }) =>
        changes.some((change) => change.table === 'customerErasure') &&
        changes.some((change) => change.op === 'update' && change.table === 'sale'),
    ).length,
  'chains of merges': (tables) =>
    customers(
      ({ mergedIntoId }) => mergedIntoId && tables.customer.get(mergedIntoId)!.status === 'merged',
    )(tables),
  'merges that moved sales and orders': (tables) =>
    [...groupBy(tables.customerMergePurchase.values(), (row) => row.mergeId).values()].filter(
      (moved) => new Set(moved.map((row) => row.purchaseKind)).size === 2,
    ).length,
  'merges undone': (tables) => count(tables.customerMerge, (merge) => merge.undoneAt !== null),
  'returns after a merge of what was bought before it': (tables) =>
    sales((sale) => {
      const moved = [...tables.customerMergePurchase.values()].find(
        (row) => row.purchaseId === sale.parentSaleId,
      )
      return moved && tables.customerMerge.get(moved.mergeId)!.mergedAt < sale.createdAt
    })(tables),
  pounds: currency('GBP'),
  euros: currency('EUR'),
  dollars: currency('USD'),
  yen: currency('JPY'),
}
