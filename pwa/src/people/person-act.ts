/** What is being done about the customer on the screen: at most one thing at a time, each in a dialog of its own. */
import { effect, signal } from '@preact/signals'
import type { Permission } from '../../../src/domain/permissions.ts'
import { whose } from '../session/session.ts'
import type { IconName } from '../ui/icons.tsx'

export type PersonAct =
  /** With whom, where that is known already. */
  | { name: 'merge'; otherId?: string }
  | { name: 'undo'; merge: UndoableMerge }
  | { name: 'merges' | 'link' | 'accesses' | 'export' | 'erase' }

export interface UndoableMerge {
  mergeId: string
  /** Whose record comes back. */
  from: { id: string; name: string | null }
}

/** What the menu offers, to those who may. */
export const OFFERED: readonly {
  name: Exclude<PersonAct['name'], 'undo'>
  permission: Permission
  icon: IconName
}[] = [
  { name: 'link', permission: 'purchases:link', icon: 'sale' },
  { name: 'merge', permission: 'customers:merge', icon: 'merge' },
  { name: 'merges', permission: 'customers:merge', icon: 'layaway' },
  { name: 'accesses', permission: 'audit:read', icon: 'person' },
  { name: 'export', permission: 'customers:export', icon: 'download' },
  { name: 'erase', permission: 'customers:erase', icon: 'alert' },
]

export const personAct = signal<PersonAct | null>(null)

/** What this tab did last: the screen of the customer whom it is about says so until it is put away. */
export type DoneAct = { customerId: string } & (
  | {
      name: 'merged' | 'undone'
      merge: UndoableMerge
      /** How many purchases moved, or went back. */
      moved: number
    }
  | { name: 'linked'; purchaseId: string; receiptNumber: string | null }
  /** To another customer, or to nobody. */
  | { name: 'moved'; receiptNumber: string | null; to: { id: string; name: string | null } | null }
)

export const lastDone = signal<DoneAct | null>(null)

effect(() => {
  whose.value
  personAct.value = null
  lastDone.value = null
})
