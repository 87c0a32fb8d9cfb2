/** `pt projector record`: writes the source's transactions to a file as they come. */

import { startRecording } from '../../projector/record/record.ts'
import { connectSource, emitMark } from '../../projector/source/slot.ts'
import { CliError, type Command } from '../command.ts'
import { PROJECTION_OPTIONS, projectionOptions, resolveConnections } from '../connections.ts'
import { projecting } from '../projecting.ts'

export const command: Command = {
  path: ['projector', 'record'],
  summary: "Record the source's transactions to a file until Ctrl-C, for replay",
  usage: '--out FILE.ndjson [--schema NAME] [--publication NAME]',
  options: {
    schema: PROJECTION_OPTIONS.schema,
    publication: PROJECTION_OPTIONS.publication,
    out: { type: 'string' },
  },
  async run({ data, values, json, signal }) {
    const { out } = values
    if (typeof out !== 'string') throw new CliError('--out FILE is missing', 2)
    const connections = await resolveConnections(data)
    return projecting(connections, async () => {
      const recording = await startRecording({
        sourceUrl: connections.sourceUrl,
        ...projectionOptions(values),
        file: out,
      })
      console.error(`Recording to ${out}; Ctrl-C ends it.`)
      const stopped = new Promise<void>((resolve) => {
        if (signal.aborted) resolve()
        signal.addEventListener('abort', () => resolve())
      })
      await Promise.race([stopped, recording.ended])
      // What was committed before the Ctrl-C belongs to the recording.
      const source = connectSource(connections.sourceUrl, 1)
      const mark = await emitMark(source).finally(() => source.end({ timeout: 1 }))
      const transactions = await recording.finish(mark)
      console.log(
        json ? JSON.stringify({ file: out, transactions }) : `${transactions} transactions`,
      )
      return 0
    })
  },
}
