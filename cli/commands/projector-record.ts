/** `pt projector record`: writes the source's transactions to a file as they come. */
import { messageOf } from '../../projector/errors.ts'
import { startRecording } from '../../projector/record/record.ts'
import { connectSource } from '../../projector/source/slot.ts'
import { emitMark } from '../../src/postgres/mark.ts'
import { CliError, type Command } from '../command.ts'
import { PROJECTION_OPTIONS, projectionOptions, resolveSource } from '../connections.ts'
import { aborted } from '../interrupt.ts'
import { projecting } from '../projecting.ts'

export const command: Command = {
  path: ['projector', 'record'],
  summary: "Record the source's transactions to a file until Ctrl-C, for replay",
  usage:
    '--out FILE.ndjson [--with-snapshot] [--redact] [--force] [--schema NAME] [--publication NAME]',
  options: {
    schema: PROJECTION_OPTIONS.schema,
    publication: PROJECTION_OPTIONS.publication,
    out: { type: 'string', value: 'FILE.ndjson', help: 'the file to write' },
    'with-snapshot': {
      type: 'boolean',
      default: false,
      help: 'begins with the rows that the source holds: a living source needs it',
    },
    redact: { type: 'boolean', default: false, help: 'replaces texts before they reach the disk' },
    force: { type: 'boolean', default: false, help: 'overwrites a file that is there' },
  },
  async run({ data, values, json, signal }) {
    const { out: file } = values
    if (typeof file !== 'string') throw new CliError('--out FILE is missing', 2)
    const sourceUrl = await resolveSource(data)
    return projecting({ sourceUrl, readUrl: sourceUrl }, async () => {
      const recording = await startRecording({
        sourceUrl,
        ...projectionOptions(values),
        file,
        snapshot: values['with-snapshot'] === true,
        redact: values.redact === true,
        overwrite: values.force === true,
        signal,
      })
      console.error(`Recording to ${file}; Ctrl-C ends it.`)
      try {
        await Promise.race([aborted(signal), recording.ended])
        // What was committed before the Ctrl-C belongs to the recording.
        const source = connectSource(sourceUrl, 1)
        const mark = await emitMark(source).finally(() => source.end({ timeout: 1 }))
        const transactions = await recording.finish(mark)
        console.log(json ? JSON.stringify({ file, transactions }) : `${transactions} transactions`)
        return 0
      } catch (error) {
        await recording.abandon().catch(() => {})
        throw new CliError(
          `The recording broke off behind ${recording.count()} transactions, which are in ${file}: ${messageOf(error)}`,
          1,
          { cause: error },
        )
      }
    })
  },
}
