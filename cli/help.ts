/** What `pt --help` and `pt COMMAND --help` print. Made of the same table of options that parses them. */
import type { Command, Options } from './command.ts'

/** Options that every command takes. */
export const GLOBAL_OPTIONS = {
  data: { type: 'string', value: 'DIR', default: '.data', help: 'the data directory' },
  json: { type: 'boolean', default: false, help: 'one JSON document on stdout, for machines' },
  help: { type: 'boolean', short: 'h', default: false, help: 'this text' },
} as const satisfies Options

/** Every command with its line, and the options that all take. */
export function overview(commands: readonly Pick<Command, 'path' | 'summary'>[]): string {
  return [
    'Usage: pt COMMAND [options]',
    columns(commands.map(({ path, summary }) => [path.join(' '), summary])),
    columns(optionRows(GLOBAL_OPTIONS)),
    '`pt COMMAND --help` explains the options of a command.',
  ].join('\n\n')
}

/** How a command is used, what it does, and each of its options with its default. */
export function commandHelp({ path, usage, summary, words = {}, options = {} }: Command): string {
  return [
    `Usage: pt ${path.join(' ')} ${usage}`,
    summary,
    columns([...Object.entries(words), ...optionRows({ ...options, ...GLOBAL_OPTIONS })]),
  ].join('\n\n')
}

function optionRows(options: Options): [string, string][] {
  return Object.entries(options).map(([name, option]) => {
    const { short, help, default: otherwise } = option
    const value = option.type === 'string' ? ` ${option.value}` : ''
    const shown = typeof otherwise === 'string' ? `${help} (default ${otherwise})` : help
    return [`${short ? `-${short}, ` : ''}--${name}${value}`, shown]
  })
}

function columns(rows: [string, string][]): string {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n')
}
