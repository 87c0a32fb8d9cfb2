/** What is being done about the customer on the screen: at most one thing at a time, each in a dialog of its own. */
import { effect, signal } from '@preact/signals'
import type { Permission } from '../../../src/domain/permissions.ts'
import { session } from '../session/session.ts'
import type { IconName } from '../ui/icons.tsx'

export type PersonAct =
  /** With whom, where that is known already. */
  { name: 'merge'; otherId?: string } | { name: 'undo'; merge: UndoableMerge } | { name: 'merges' }

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
  { name: 'merge', permission: 'customers:merge', icon: 'merge' },
  { name: 'merges', permission: 'customers:merge', icon: 'layaway' },
]

export const personAct = signal<PersonAct | null>(null)

/** The merge, or its undoing, that this tab did last: the survivor's screen says so until it is put away. */
export interface DoneMerge {
  survivorId: string
  merge: UndoableMerge
  /** How many purchases moved, or went back. */
  moved: number
  undone: boolean
}

export const lastMerge = signal<DoneMerge | null>(null)

effect(() => {
  session.value
  personAct.value = null
  lastMerge.value = null
})
