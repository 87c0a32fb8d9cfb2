import type { printing as texts } from '../en/printing.ts'

export const printing: typeof texts = {}
