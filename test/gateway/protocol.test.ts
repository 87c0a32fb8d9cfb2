/** The gateway as curl sees it: what @upstash/redis does not send, and what it does not look at. */
import { afterAll, beforeAll, expect } from 'bun:test'
import { type Gateway, MAX_REQUEST_BYTES, openGateway } from '../../cli/gateway/gateway.ts'
import { silentLog } from '../../src/log.ts'
import { hasRedis, type RedisServer, startRedis } from '../cache/redis-server.ts'
import { needs } from '../support/needs.ts'

const withRedis = needs('redis-server', hasRedis)
let server: RedisServer
let gateway: Gateway

beforeAll(async () => {
  if (!hasRedis) return
  server = await startRedis()
  gateway = await openGateway({
    redisUrl: server.url,
    host: '127.0.0.1',
    port: 0,
    token: 'full',
    log: silentLog,
  })
})
afterAll(async () => {
  await gateway?.stop()
  await server?.stop()
})

const AUTHORIZED = { Authorization: 'Bearer full' }
const BASE64 = { 'Upstash-Encoding': 'base64' }
const RESP2 = { 'Upstash-Response-Format': 'resp2' }

async function ask(path: string, { headers = {}, ...init }: RequestInit = {}) {
  const given = { ...AUTHORIZED, ...(headers as Record<string, string>) }
  const response = await fetch(`${gateway.url}${path}`, { ...init, headers: given })
  return { status: response.status, text: await response.text() }
}

const post = (
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
) => ask(path, { method: 'POST', body, headers })
const ok = (result: unknown) => ({ status: 200, text: JSON.stringify({ result }) })

withRedis('takes a command from the path, its last arguments from body and query', async () => {
  expect(await ask('/set/foo/bar/EX/100')).toEqual(ok('OK'))
  expect(await ask('/get/foo')).toEqual(ok('bar'))
  expect(await post('/set/foo?EX=100&GET', 'a/b ü')).toEqual(ok('bar'))
  expect(await ask('/get/foo', { method: 'PUT' })).toEqual(ok('a/b ü'))
  expect(await ask('/set/a%2Fb/%C3%BC%20%25')).toEqual(ok('OK'))
  expect(await post('/', '["get","a/b"]')).toEqual(ok('ü %'))
  expect(Number(JSON.parse((await ask('/ttl/foo')).text).result)).toBeWithin(90, 101)
  expect((await ask('/get/foo', { method: 'HEAD' })).status).toBe(200)
  expect(await ask('/get/foo?_token=full', { headers: { Authorization: '' } })).toEqual(ok('a/b ü'))
})

withRedis('takes bytes as they are, and gives them in base64', async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, n) => n)

  expect(await post('/set/bytes', bytes)).toEqual(ok('OK'))
  expect(await ask('/get/bytes', { headers: BASE64 })).toEqual(
    ok(Buffer.from(bytes).toString('base64')),
  )
  await ask('/set/short/%FF%00')
  expect(await ask('/get/short', { headers: BASE64 })).toEqual(ok('/wA='))
  expect(await ask('/get/short')).toEqual(ok('\ufffd\u0000'))
  const transaction = await post(
    '/multi-exec',
    '[["GET","bytes"],["SET","x","OK"],["GET","x"]]',
    BASE64,
  )
  expect(JSON.parse(transaction.text)).toEqual([
    { result: Buffer.from(bytes).toString('base64') },
    { result: 'OK' },
    { result: 'T0s=' },
  ])
})

withRedis('encodes every text at any depth, no number, no null, no error, no OK', async () => {
  const script = "return {1, 'x', {'OK', false}, redis.status_reply('OK')}"
  const b64 = (text: string) => Buffer.from(text).toString('base64')

  expect(await post('/', JSON.stringify(['EVAL', script, 0]), BASE64)).toEqual(
    ok([1, b64('x'), [b64('OK'), null], b64('OK')]),
  )
  expect(await post('/', '["PING"]', BASE64)).toEqual(ok(b64('PONG')))
  expect(await post('/', '["SET","k","OK"]', BASE64)).toEqual(ok('OK'))
  expect(await post('/', '["GET","k"]', BASE64)).toEqual(ok(b64('OK')))
  const wrong = await post('/', '["GET"]', BASE64)
  expect(wrong.status).toBe(400)
  expect(JSON.parse(wrong.text).error).toStartWith('ERR wrong number of arguments')
})

withRedis('rounds no number', async () => {
  expect(await post('/', '["SET","n",9007199254740993]')).toEqual(ok('OK'))
  expect(await post('/', '["GET","n"]')).toEqual(ok('9007199254740993'))
  expect(await post('/', '["INCR","n"]')).toEqual({
    status: 200,
    text: '{"result":9007199254740994}',
  })
  expect(await post('/', '["SET","f",1.10]')).toEqual(ok('OK'))
  expect(await post('/', '["GET","f"]')).toEqual(ok('1.10'))
})

withRedis(
  'tells an error of one command by 400, and of one in a pipeline inside of it',
  async () => {
    await post('/', '["SET","text","x"]')

    expect((await post('/', '["INCR","text"]')).status).toBe(400)
    const pipeline = await post('/pipeline', '[["INCR","text"],["GET","text"],["SUBSCRIBE","c"]]')
    expect(pipeline.status).toBe(200)
    expect(JSON.parse(pipeline.text)).toMatchObject([
      { error: expect.any(String) },
      { result: 'x' },
      {},
    ])
    const whole = await post('/multi-exec', '[["SET","text","y"],["INCR","text"],["GET","text"]]')
    expect(whole.status).toBe(200)
    expect(JSON.parse(whole.text)).toMatchObject([
      { result: 'OK' },
      { error: expect.stringContaining('not an integer') },
      { result: 'y' },
    ])
  },
)

withRedis.each([
  ['a command with too few arguments', '[["SET","text","z"],["SET","text"]]', 'ERR wrong number'],
  ['no command of Redis', '[["SET","text","z"],["NOPE"]]', 'ERR unknown command'],
  [
    'one that may not go through',
    '[["SET","text","z"],["WATCH","text"]]',
    'ERR Command is not available',
  ],
])('discards a transaction as a whole for %s', async (_name, body, message) => {
  await post('/', '["SET","text","before"]')

  const answer = await post('/multi-exec', body)

  expect(answer.status).toBe(400)
  expect(JSON.parse(answer.text).error).toStartWith(message)
  expect(await post('/', '["GET","text"]')).toEqual(ok('before'))
})

withRedis.each([
  'SUBSCRIBE c',
  'PSUBSCRIBE c',
  'UNSUBSCRIBE',
  'MULTI',
  'EXEC',
  'DISCARD',
  'WATCH k',
  'UNWATCH',
  'BLPOP l 0',
  'brpop l 0',
  'BLMOVE a b LEFT LEFT 0',
  'BZPOPMIN z 0',
  'XREAD BLOCK 0 STREAMS s $',
  'SELECT 1',
  'AUTH x',
  'HELLO 3',
  'QUIT',
  'RESET',
  'MONITOR',
  'CLIENT KILL TYPE normal',
  'CLIENT REPLY OFF',
  'SHUTDOWN',
  'CONFIG SET maxmemory 1',
  'DEBUG SLEEP 1',
  'REPLICAOF a 1',
  'SAVE',
  'ACL SETUSER x',
  'SCRIPT DEBUG YES',
  'WAIT 1 0',
  'MIGRATE h 1 k 0 1',
])('lets nothing through that belongs to one connection or to the operator: %s', async (line) => {
  const answer = await post('/', JSON.stringify(line.split(' ')))

  expect(answer.status).toBe(400)
  expect(JSON.parse(answer.text).error).toStartWith(
    `ERR Command is not available: '${line.split(' ')[0]!.toUpperCase()}'. See https://upstash.com/`,
  )
  expect(await post('/', '["PING"]')).toEqual(ok('PONG'))
})

withRedis('reads a stream that does not block, also one whose key is named so', async () => {
  await post('/', '["XADD","block","1-1","f","v"]')

  const answer = await post('/', '["XREAD","COUNT",1,"STREAMS","block","0"]')

  expect(answer).toEqual(ok([['block', [['1-1', ['f', 'v']]]]]))
})

withRedis('speaks RESP 2 when it is asked to', async () => {
  await post('/', '["SET","k","bär"]')

  expect(await ask('/get/k', { headers: RESP2 })).toEqual({ status: 200, text: '$4\r\nbär\r\n' })
  expect((await post('/', '["SET","k","v"]', RESP2)).text).toBe('+OK\r\n')
  expect((await ask('/mget/k/none', { headers: RESP2 })).text).toBe('*2\r\n$1\r\nv\r\n$-1\r\n')
  expect((await ask('/strlen/k', { headers: RESP2 })).text).toBe(':1\r\n')
  expect((await ask('/incr/k', { headers: RESP2 })).text).toStartWith('-ERR ')
  expect((await post('/pipeline', '[["GET","k"],["NOPE"]]', RESP2)).text).toStartWith(
    '*2\r\n$1\r\nv\r\n-ERR unknown command',
  )
  expect((await ask('/get/k', { headers: { ...RESP2, ...BASE64 } })).status).toBe(400)
  expect((await post('/multi-exec', '[["GET","k"]]', RESP2)).status).toBe(400)
  expect((await ask('/get/k', { headers: { 'Upstash-Response-Format': 'xml' } })).status).toBe(400)
})

withRedis.each([
  ['/', ''],
  ['/', '{'],
  ['/', '{}'],
  ['/', '[]'],
  ['/', '[""]'],
  ['/', '[null]'],
  ['/', '[["GET","k"]]'],
  ['/', '["GET",{}]'],
  ['/pipeline', '[]'],
  ['/pipeline', '["GET","k"]'],
  ['/pipeline', '[[]]'],
  ['/pipeline', 'null'],
  ['/multi-exec', '[]'],
  ['/multi-exec', '[["GET",null]]'],
])('refuses what is no command: POST %s %s', async (path, body) => {
  const answer = await post(path, body)

  expect(answer.status).toBe(400)
  expect(JSON.parse(answer.text).error).toStartWith('ERR ')
})

withRedis('refuses strangers, other methods and what is too large', async () => {
  const stranger = { status: 401, text: '{"error":"WRONGPASS invalid or missing auth token"}' }
  for (const Authorization of [
    '',
    'Bearer',
    'Bearer wrong',
    'Bearer ful',
    'Basic full',
    'Bearer full x',
  ])
    expect(await ask('/get/k', { headers: { Authorization } })).toEqual(stranger)
  expect(await ask('/get/k?_token=wrong', { headers: { Authorization: '' } })).toEqual(stranger)
  for (const method of ['DELETE', 'PATCH', 'OPTIONS'])
    expect((await ask('/get/k', { method })).status).toBe(405)
  expect((await post('/set/large', 'x'.repeat(MAX_REQUEST_BYTES))).status).toBe(200)
  expect((await post('/set/large', 'x'.repeat(MAX_REQUEST_BYTES + 1))).status).toBe(413)
})
