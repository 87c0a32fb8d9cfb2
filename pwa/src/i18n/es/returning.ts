import type { returning as texts } from '../en/returning.ts'

export const returning: typeof texts = {}
