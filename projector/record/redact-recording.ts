/** Redacts a recording that is there already. */
import { unlink } from 'node:fs/promises'
import { linesOfFile, openRecording } from './recording.ts'
import { RecordingWriter } from './recording-writer.ts'
import { Redaction } from './redaction.ts'

interface RedactOptions {
  from: string
  /** Made anew; refused when it is there. */
  to: string
}

/**
 * Writes `to`: the recording `from`, with its texts replaced. Throws a FatalProjectorError, and leaves
 * nothing, when `from` is no whole recording.
 * @returns how many transactions it holds
 */
export async function redactRecording({ from, to }: RedactOptions): Promise<number> {
  const { start, pieces } = await openRecording(linesOfFile(from))
  const writer = await RecordingWriter.create({ file: to, redaction: new Redaction() })
  try {
    writer.header({ start })
    let open = false
    for await (const { commitLsn, changes, end } of pieces) {
      if (!open) writer.begin(commitLsn)
      for (const change of changes) writer.change(change)
      if (end) writer.commit(end)
      open = end === null
      await writer.room()
    }
    await writer.finish()
    return writer.count
  } catch (error) {
    await writer.abandon().catch(() => {})
    await unlink(to)
    throw error
  }
}
