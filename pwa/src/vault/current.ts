/** The vault of who is signed in. Null: nobody is, or nothing may be kept; then the app works from memory. */
import { signal } from '@preact/signals'
import type { Vault } from './vault.ts'

export const currentVault = signal<Vault | null>(null)
