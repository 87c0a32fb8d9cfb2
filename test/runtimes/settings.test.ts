/** What the variables of an API must be, and that a message names the variable and never its value. */
import { expect, test } from 'bun:test'
import {
  readDatabaseUrl,
  readHttpOptions,
  readPort,
  readRedis,
  readSettings,
  SettingsError,
} from '../../src/entry/settings.ts'

const SECRET = 'a secret of the tests, long enough for HS256'
const URL_NAME = 'UPSTASH_REDIS_REST_URL'
const TOKEN_NAME = 'UPSTASH_REDIS_REST_TOKEN'

test('without a Redis there is no cache; an empty variable is one that is not set', () => {
  expect(readSettings({ PT_JWT_SECRET: SECRET }).cache).toBe('none')
  expect(readRedis({ [URL_NAME]: '', [TOKEN_NAME]: '' })).toBeUndefined()
  expect(readPort({ PT_PORT: '' }, 'PT_PORT', 8788)).toBe(8788)
})

test('a Redis is an address and a token', () => {
  const redis = { url: 'https://x.upstash.io', token: 't' }
  expect(readRedis({ [URL_NAME]: redis.url, [TOKEN_NAME]: redis.token })).toEqual(redis)
})

test.each([
  ['PT_JWT_SECRET', () => readSettings({ PT_JWT_SECRET: 'hunter2' })],
  [URL_NAME, () => readRedis({ [TOKEN_NAME]: 'hunter2' })],
  [TOKEN_NAME, () => readRedis({ [URL_NAME]: 'https://hunter2' })],
  [URL_NAME, () => readRedis({ [URL_NAME]: 'redis://hunter2', [TOKEN_NAME]: 't' })],
  ['READ_DATABASE_URL', () => readDatabaseUrl({}, 'READ_DATABASE_URL')],
  ['READ_DATABASE_URL', () => read('mysql://hunter2@db')],
  ['READ_DATABASE_URL', () => read('hunter2')],
  ['PT_PORT', () => readPort({ PT_PORT: 'hunter2' }, 'PT_PORT', 1)],
  ['PT_PORT', () => readPort({ PT_PORT: '65536' }, 'PT_PORT', 1)],
  ['PT_RATE_LIMITS', () => readHttpOptions({ PT_RATE_LIMITS: 'person-read=many' })],
  ['PT_CORS_ORIGINS', () => readHttpOptions({ PT_CORS_ORIGINS: 'https://x/hunter2' })],
  ['PT_LOOKS_AN_HOUR', () => readHttpOptions({ PT_LOOKS_AN_HOUR: '0' })],
])('%s is named when it is wrong, without its value', (name, look) => {
  expect(look).toThrow(SettingsError)
  expect(look).toThrow(name)
  expect(look).not.toThrow('hunter2')
})

const read = (text: string) => readDatabaseUrl({ READ_DATABASE_URL: text }, 'READ_DATABASE_URL')
