/** Where acts are kept until they are done. */
import { type ReadonlySignal, signal } from '@preact/signals'
import type { Opened, Vault } from '../vault/vault.ts'
import type { Item } from './item.ts'

export interface Store {
  /** Null: they can't be read now, and nobody knows what there is. */
  all(): Promise<Item[] | null>
  /** Whether it is kept: durable, where the store is. */
  put(item: Item): Promise<boolean>
  /** Whether it is gone, or was not there. */
  remove(id: string): Promise<boolean>
}

/** Encrypted, in the person's own vault: it survives the app, a crash and a sign-out. */
export function vaultStore(vault: Vault): Store {
  // It is read with every change, and one record of them is another.
  const opened: Opened<Item> = new Map()
  return {
    async all() {
      return (await vault.all('outbox', opened))?.map(({ value }) => value) ?? null
    },
    put: (item) =>
      vault.put('outbox', item.id, item, { group: item.about.customerId ?? undefined }),
    remove: (id) => vault.delete('outbox', id),
  }
}

export interface MemoryStore extends Store {
  /** What it holds now. */
  readonly items: ReadonlySignal<readonly Item[]>
}

/** As long as the tab is open. */
export function memoryStore(): MemoryStore {
  const items = signal<readonly Item[]>([])
  const without = (id: string) => items.peek().filter((item) => item.id !== id)
  return {
    items,
    all: async () => [...items.peek()],
    async put(item) {
      items.value = [...without(item.id), item]
      return true
    },
    async remove(id) {
      items.value = without(id)
      return true
    },
  }
}
