/** What a `pt` command is: its words, its options, and what it does. `cli/pt.ts` dispatches. */
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

/** One option: how `node:util` parseArgs reads it, and how `pt COMMAND --help` explains it. */
export type Option = { short?: string; help: string } & (
  | { type: 'boolean'; default?: boolean }
  | {
      type: 'string'
      /** What stands for the value in the help: `NAME`. */
      value: string
      default?: string
    }
)

export type Options = Readonly<Record<string, Option>>

export interface Command {
  /** The words after `pt`: `['projector', 'verify']`. */
  path: readonly string[]
  /** One line for `pt --help`. */
  summary: string
  /** What follows the words: `FILE.csv[.xz] [--business NAME]`. */
  usage: string
  options?: Options
  /** The words beside the options that are taken, each with a line for the help. Default: none are. */
  words?: Readonly<Record<string, string>>
  /** Resolves to the exit code. Throws a CliError for what the user can mend. */
  run(input: CommandInput): Promise<number>
}

/**
 * A failure told in one clear line on stderr; the process exits with `exitCode`: 2 for a command line that is wrong,
 * to which `pt` adds where its help is.
 */
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
