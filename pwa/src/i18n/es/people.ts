import type { people as texts } from '../en/people.ts'

export const people: typeof texts = {}
