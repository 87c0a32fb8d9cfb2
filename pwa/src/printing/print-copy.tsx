/** The foot of a receipt: a copy of it on paper. Its code is loaded with the first receipt that is opened. */
import type { PurchaseReceipt } from '../api/types.ts'
import { t } from '../i18n/index.ts'
import { copyOf } from './paper.ts'
import { PrintControl } from './print-control.tsx'

export function PrintCopy({ receipt }: { receipt: PurchaseReceipt }) {
  return <PrintControl word={t.value.printing.print} paper={() => copyOf(receipt)} />
}
