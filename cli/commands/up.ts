/** `pt up`, which is `npm start`. */
import type { Command } from '../command.ts'
import { aborted } from '../interrupt.ts'
import { DataDirectory } from '../stack/data-directory.ts'
import { openFileLog } from '../stack/file-log.ts'
import { assertPortFree, parsePort } from '../stack/port.ts'
import { businessNames, Stack } from '../stack/stack.ts'

/** How often the user hears of a projector that is not there yet. */
const TELL_EVERY_MS = 5000

export const command: Command = {
  path: ['up'],
  summary: 'Start everything: PostgreSQL, projector, API and staff app in one process',
  usage: '[--port 8787] [--host 127.0.0.1] [--no-demo]',
  options: {
    port: { type: 'string', value: 'N', default: '8787', help: 'the port that it listens on' },
    host: {
      type: 'string',
      value: 'ADDRESS',
      default: '127.0.0.1',
      help: 'the address that it listens on',
    },
    'no-demo': {
      type: 'boolean',
      default: false,
      help: 'leaves an empty source empty, without demo data',
    },
  },
  async run({ values, data, json, signal }) {
    const port = parsePort(values.port as string)
    const host = values.host as string
    const say = (line: string) => {
      if (!json) console.log(line)
    }
    const directory = await DataDirectory.open(data)
    const log = openFileLog(directory.file('pt.log'))
    let stack: Stack | undefined
    try {
      await assertPortFree(host, port)
      const demo = !values['no-demo']
      stack = await Stack.start({ data: directory, host, port, demo, log, say, signal })
      if (json) console.log(JSON.stringify({ ...urls(stack), pid: process.pid }))
      else await announce(stack, data, say)
      await Promise.race([untilReady(stack, say, signal), stack.failed])
      await Promise.race([aborted(signal), stack.failed])
    } catch (error) {
      // An interrupted start fails in one way or another: it was asked to.
      if (!signal.aborted) throw error
    } finally {
      if (stack) say('Stopping …')
      await stack?.stop()
      await log.close()
      directory.release()
    }
    return 0
  },
}

const urls = ({ apiUrl, sourceUrl, readUrl }: Stack) => ({ apiUrl, sourceUrl, readUrl })

async function announce(stack: Stack, data: string, say: (line: string) => void): Promise<void> {
  const [business] = await businessNames(stack.sourceUrl)
  const where = data === '.data' ? '' : ` --data ${shellWord(data)}`
  const token = `npm run -s pt -- token --business ${shellWord(business ?? 'Online Retail')}${where}`
  say(`\nThe API listens on ${stack.apiUrl}`)
  if (stack.servesStaffApp) {
    const how = stack.servesDemoSignIn ? 'choose who you are to sign in' : 'sign in from the POS'
    say(`The staff app is on ${stack.apiUrl}/ (${how})`)
  }
  say('')
  if (business === undefined) {
    say('The source has no business yet. Import one, then sign in:')
    say(`  npm run pt -- import online-retail FILE.csv${where}`)
  } else {
    say('A token to sign in:')
  }
  say(`  ${token}\n`)
}

/** Quoted for a shell only where that is needed. */
function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `"${text.replace(/["$`\\]/g, '\\$&')}"`
}

/** Says it once everything that the source held at the start can be read through the API. */
async function untilReady(
  { apiUrl, projectorState }: Stack,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const started = performance.now()
  let toldAt = started
  while (!signal.aborted) {
    const answer = await fetch(new URL('/readyz', apiUrl), { signal }).catch(() => undefined)
    if (answer?.ok) {
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      say(`Ready: the read model is up to date (after ${seconds} s). Ctrl-C stops it.`)
      return
    }
    if (performance.now() - toldAt > TELL_EVERY_MS) {
      toldAt = performance.now()
      say(`  projector: ${projectorState().replaceAll('_', ' ')}`)
    }
    await Bun.sleep(100)
  }
}
