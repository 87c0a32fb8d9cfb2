/** `pt projector replay`: folds a recording into an empty read database. */
import { access } from 'node:fs/promises'
import { readChecksums } from '../../projector/record/checksums.ts'
import {
  linesOfFile,
  openRecording,
  type RecordingStart,
} from '../../projector/record/recording.ts'
import { replay } from '../../projector/record/replay.ts'
import { CliError, type Command } from '../command.ts'
import { resolveRead } from '../connections.ts'
import { projecting } from '../projecting.ts'

export const command: Command = {
  path: ['projector', 'replay'],
  summary: 'Fold a recording into an empty read database, and print the checksums of its tables',
  usage: 'FILE.ndjson [--cut-off]   (READ_DATABASE_URL names the database)',
  options: {
    'cut-off': {
      type: 'boolean',
      default: false,
      help: 'takes a recording that is not whole, as far as it goes',
    },
  },
  words: { 'FILE.ndjson': 'the recording' },
  async run({ data, positionals, values, json }) {
    const [file, ...rest] = positionals
    if (!file || rest.length > 0) throw new CliError('one recording must be named', 2)
    await access(file).catch((cause) => {
      throw new CliError(`Can't read ${file}`, 1, { cause })
    })
    const readUrl = await resolveRead(data)
    const report = await projecting({ sourceUrl: readUrl, readUrl }, async () => {
      const options = { cutOff: values['cut-off'] === true }
      const { start, redacted, pieces } = await openRecording(linesOfFile(file), options)
      const replayed = await replay({ readUrl, pieces })
      return { start, redacted, ...replayed, tables: await readChecksums(readUrl) }
    })
    if (json) console.log(JSON.stringify(report))
    else {
      console.log(`${report.transactions} transactions, ${report.deadLetters} dead letters`)
      const note = NOTES[report.start]
      if (note) console.log(note)
      for (const { table, rows, checksum } of report.tables)
        console.log(`${checksum}  ${table} (${rows} rows)`)
    }
    return 0
  },
}

/** What a recording's start means for its tables. */
const NOTES: Partial<Record<RecordingStart, string>> = {
  midway:
    'It begins in the middle of its source, without a snapshot: rows from before are missing, and lines of\nsuch purchases are dead letters. These are not the tables of the source.',
  unknown:
    'It does not say where it begins: only if its source was empty then, these are the tables of the source.',
}
