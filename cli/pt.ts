#!/usr/bin/env bun
/** `pt`: finds the command, reads its options, and turns what goes wrong into one line. */
import { parseArgs } from 'node:util'
import { CliError, type Command, type Options } from './command.ts'
import { COMMANDS, type CommandEntry } from './commands/index.ts'
import { commandHelp, GLOBAL_OPTIONS, overview } from './help.ts'

/** A line on stderr and exit code 2: the command line itself is wrong. It says where the help is. */
class UsageError extends CliError {
  constructor(message: string, command = '', options?: ErrorOptions) {
    super(`${message} (see \`pt ${command}${command && ' '}--help\`)`, 2, options)
  }
}

async function main(argv: string[], signal: AbortSignal): Promise<number> {
  const { globals, rest } = splitGlobals(argv)
  if (rest[0] === 'help') return help(rest.slice(1))
  if (rest.length === 0) {
    if (globals.some((arg) => arg === '--help' || arg === '-h')) return help([])
    if (globals.length > 0) throw new UsageError('No command is named')
    console.error(overview(COMMANDS))
    return 2
  }
  if (rest[1] === '--help' || rest[1] === '-h') return help(rest.slice(0, 1))
  const entry = findCommand(rest)
  const name = entry.path.join(' ')
  const command = await entry.load()
  const parsed = parse([...globals, ...rest.slice(entry.path.length)], command, name)
  const { data, json, help: asked, ...values } = parsed.values
  if (asked) return print(commandHelp(command))
  if (!command.words && parsed.positionals.length > 0) {
    throw new UsageError(`Unexpected argument: ${parsed.positionals[0]}`, name)
  }
  if (data === '') throw new UsageError('--data names no directory', name)
  const input = { values, positionals: parsed.positionals, signal }
  return command.run({ ...input, data: data as string, json: json as boolean }).catch((error) => {
    if (!(error instanceof CliError) || error.exitCode !== 2) throw error
    throw new UsageError(error.message, name, { cause: error })
  })
}

/** Of all commands, of those that begin with a word, or of one. */
async function help(words: string[]): Promise<number> {
  if (words.length === 0) return print(overview(COMMANDS))
  const group = groupOf(words)
  if (words.length === 1 && group.length > 0) return print(overview(group))
  return print(commandHelp(await findCommand(words).load()))
}

/** Global options may stand before the command's words. */
function splitGlobals(argv: string[]): { globals: string[]; rest: string[] } {
  let end = 0
  while (end < argv.length && argv[end]!.startsWith('-')) {
    const arg = argv[end]!
    if (!/^(--data(=.*)?|--json|--help|-h)$/s.test(arg)) {
      throw new UsageError(`Unknown option before the command: ${arg.split('=')[0]}`)
    }
    end += arg === '--data' ? 2 : 1
  }
  if (end > argv.length) throw new UsageError('--data names no directory')
  return { globals: argv.slice(0, end), rest: argv.slice(end) }
}

function findCommand(words: string[]): CommandEntry {
  const found = COMMANDS.find(({ path }) => path.every((word, i) => words[i] === word))
  if (found) return found
  const group = groupOf(words)
  if (group.length === 0) throw new UsageError(`Unknown command: ${words[0]}`)
  const choices = group.map(({ path }) => path.slice(1).join(' ')).join(', ')
  throw new UsageError(`\`pt ${words[0]}\` needs one of: ${choices}`)
}

/** The commands that begin with the first word, where it alone is none. */
function groupOf([word]: string[]): readonly CommandEntry[] {
  if (COMMANDS.some(({ path }) => path.length === 1 && path[0] === word)) return []
  return COMMANDS.filter(({ path }) => path[0] === word)
}

function parse(args: string[], command: Command, name: string) {
  const options: Options = { ...command.options, ...GLOBAL_OPTIONS }
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true })
  } catch (error) {
    // The first sentence says what is wrong; what follows is advice for other programs.
    const [sentence] = (error as Error).message.split(/\. |\n/)
    throw new UsageError(sentence!.replace(/\.$/, ''), name)
  }
}

function print(text: string): number {
  console.log(text)
  return 0
}

/** One line, without what may hold a password or personal data: those stay in `cause`. */
function oneLine(error: unknown): string {
  if (error instanceof CliError) return error.message
  const { name, code, message, cause } = error as Error & { code?: string }
  // Drizzle prints the values of its parameters; the driver's own error below it does not.
  if (name === 'DrizzleQueryError' && cause) return oneLine(cause)
  // Bad values (22), violated constraints (23), raised exceptions (P0): their texts repeat the data.
  if (name === 'PostgresError' && /^(22|23|P0)/.test(code ?? '')) {
    return `Unexpected database error ${code}`
  }
  const detail = (message ?? String(error)).split('\n')[0]!.replace(/\/\/[^@\s/]*@/g, '//')
  return `Unexpected error: ${detail}${code ? ` (${code})` : ''}`
}

/** npm passes on the signal of a Ctrl-C, which the terminal has sent to us as well. */
const SAME_SIGNAL_MS = 1000

/** The first asks for a clean end; the next one waits for nothing. */
function abortOnSignals(controller: AbortController): void {
  let firstAt = 0
  for (const [name, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ] as const) {
    process.on(name, () => {
      if (!controller.signal.aborted) {
        firstAt = performance.now()
        controller.abort(new CliError('Stopped by a signal', 128 + number))
      } else if (performance.now() - firstAt > SAME_SIGNAL_MS) {
        process.exit(128 + number)
      }
    })
  }
}

function fail(error: unknown): number {
  console.error(oneLine(error))
  if (process.env.PT_DEBUG) console.error(error)
  return error instanceof CliError ? error.exitCode : 1
}

if (import.meta.main) {
  const controller = new AbortController()
  abortOnSignals(controller)
  process.on('unhandledRejection', (error) => process.exit(fail(error)))
  const code = await main(process.argv.slice(2), controller.signal).catch((error) =>
    // What breaks because it was interrupted is not what the user needs to read.
    fail(
      error instanceof CliError || !controller.signal.aborted ? error : controller.signal.reason,
    ),
  )
  // A pipe takes a long answer in pieces; leave when it has all of them.
  await new Promise<void>((resolve) => process.stdout.write('', () => resolve()))
  process.exit(code)
}
