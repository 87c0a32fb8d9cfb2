import type { outbox as texts } from '../en/outbox.ts'

export const outbox: typeof texts = {}
