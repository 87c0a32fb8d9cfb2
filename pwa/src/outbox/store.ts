/** Where acts are kept until they are done. */
import type { Vault } from '../vault/vault.ts'
import type { Item } from './item.ts'

export interface Store {
  all(): Promise<Item[]>
  /** Whether it is kept: durable, where the store is. */
  put(item: Item): Promise<boolean>
  remove(id: string): Promise<void>
}

/** Encrypted, in the person's own vault: it survives the app, a crash and a sign-out. */
export function vaultStore(vault: Vault): Store {
  return {
    async all() {
      return (await vault.all<Item>('outbox')).map(({ value }) => value)
    },
    put: (item) =>
      vault.put('outbox', item.id, item, { group: item.about.customerId ?? undefined }),
    remove: (id) => vault.delete('outbox', id),
  }
}

/** As long as the tab is open. */
export function memoryStore(): Store {
  const items = new Map<string, Item>()
  return {
    all: async () => [...items.values()],
    async put(item) {
      items.set(item.id, item)
      return true
    },
    async remove(id) {
      items.delete(id)
    },
  }
}
