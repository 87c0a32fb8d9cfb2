import type { offline as texts } from '../en/offline.ts'

export const offline: typeof texts = {}
