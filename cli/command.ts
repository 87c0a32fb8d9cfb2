/** What a `pt` command is: its words, its options, and what it does. `cli/pt.ts` dispatches. */
import type { ParseArgsConfig } from 'node:util'

export interface CommandInput {
  /** Values of the command's own options, as `node:util` parseArgs gives them. */
  values: Record<string, string | boolean | (string | boolean)[] | undefined>
  positionals: string[]
  /** The data directory: `--data`, default `.data`. */
  data: string
  /** `--json`: the command prints one JSON document on stdout, and nothing else there. */
  json: boolean
  /** Aborted by Ctrl-C or SIGTERM. */
  signal: AbortSignal
}

export interface Command {
  /** The words after `pt`: `['projector', 'verify']`. */
  path: readonly string[]
  /** One line for `pt --help`. */
  summary: string
  /** What follows the words: `FILE.csv[.xz] [--business NAME]`. */
  usage: string
  options?: NonNullable<ParseArgsConfig['options']>
  /** Whether words beside the options are taken. Default: none are. */
  positionals?: boolean
  /** Resolves to the exit code. Throws a CliError for what the user can mend. */
  run(input: CommandInput): Promise<number>
}

/** A failure told in one clear line on stderr; the process exits with `exitCode`. */
export class CliError extends Error {
  override readonly name = 'CliError'
  constructor(
    message: string,
    readonly exitCode = 1,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
