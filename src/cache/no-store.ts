/** No cache at all: for an API that nobody tells what has changed. Every answer is computed. */
import type { Lsn } from '../domain/lsn.ts'
import type { CacheStore, Found } from './store.ts'

export class NoStore implements CacheStore {
  async find(): Promise<Found> {
    return { entry: null, floor: null }
  }

  async fill(): Promise<boolean> {
    return false
  }

  async lastChanges(): Promise<Lsn[]> {
    throw new Error('nobody tells this cache of changes')
  }

  async claim(): Promise<boolean> {
    return false
  }

  async raise(): Promise<void> {}

  async raiseAll(): Promise<void> {}

  async forget(): Promise<void> {}
}
