/** `pt projector redact`: makes of a recording one that can be shown. */
import { access } from 'node:fs/promises'
import { redactRecording } from '../../projector/record/redact-recording.ts'
import { CliError, type Command } from '../command.ts'
import { explaining } from '../projecting.ts'

export const command: Command = {
  path: ['projector', 'redact'],
  summary: 'Replace the texts of a recording, so that it can be attached to a bug report',
  usage: 'FILE.ndjson --out FILE.ndjson',
  options: { out: { type: 'string', value: 'FILE.ndjson', help: 'the file to write' } },
  words: { 'FILE.ndjson': 'the recording' },
  async run({ positionals, values, json }) {
    const [from, ...rest] = positionals
    const { out: to } = values
    if (!from || rest.length > 0) throw new CliError('one recording must be named', 2)
    if (typeof to !== 'string') throw new CliError('--out FILE is missing', 2)
    await access(from).catch((cause) => {
      throw new CliError(`Can't read ${from}`, 1, { cause })
    })
    const transactions = await explaining(() => redactRecording({ from, to }))
    console.log(
      json ? JSON.stringify({ file: to, transactions }) : `${transactions} transactions in ${to}`,
    )
    return 0
  },
}
