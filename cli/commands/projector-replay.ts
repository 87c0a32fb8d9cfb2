/** `pt projector replay`: folds a recording into an empty read database. */
import { access } from 'node:fs/promises'
import { readChecksums } from '../../projector/record/checksums.ts'
import { linesOfFile, readRecording } from '../../projector/record/recording.ts'
import { replay } from '../../projector/record/replay.ts'
import { CliError, type Command } from '../command.ts'
import { resolveRead } from '../connections.ts'
import { projecting } from '../projecting.ts'

export const command: Command = {
  path: ['projector', 'replay'],
  summary: 'Fold a recording into an empty read database, and print the checksums of its tables',
  usage: 'FILE.ndjson   (READ_DATABASE_URL names the database)',
  positionals: true,
  async run({ data, positionals, json }) {
    const [file, ...rest] = positionals
    if (!file || rest.length > 0) throw new CliError('one recording must be named', 2)
    await access(file).catch((cause) => {
      throw new CliError(`Can't read ${file}`, 1, { cause })
    })
    const readUrl = await resolveRead(data)
    const report = await projecting({ sourceUrl: readUrl, readUrl }, async () => {
      const replayed = await replay({ readUrl, transactions: readRecording(linesOfFile(file)) })
      return { ...replayed, tables: await readChecksums(readUrl) }
    })
    if (json) console.log(JSON.stringify(report))
    else {
      console.log(`${report.transactions} transactions, ${report.deadLetters} dead letters`)
      for (const { table, rows, checksum } of report.tables)
        console.log(`${checksum}  ${table} (${rows} rows)`)
    }
    return 0
  },
}
