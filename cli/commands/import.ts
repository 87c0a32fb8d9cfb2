/** `pt import online-retail`: a year of a real shop's invoices into the source tables. */
import { CliError, type Command } from '../command.ts'
import { resolveSource } from '../connections.ts'
import { importOnlineRetail } from '../import/import-online-retail.ts'
import { progressOn } from '../import/progress.ts'
import { formatReport } from '../import/report.ts'

export const command: Command = {
  path: ['import', 'online-retail'],
  summary: 'Import an Online Retail file into the source tables; again changes nothing',
  usage: 'FILE.csv|FILE.csv.xz',
  words: { FILE: 'a CSV, or one packed by xz: docs/IMPORT.md' },
  async run({ positionals, data, json, signal }) {
    const [file, ...others] = positionals
    if (file === undefined)
      throw new CliError('Name the file to import: FILE.csv or FILE.csv.xz', 2)
    if (others.length > 0) throw new CliError('One file at a time', 2)

    const sourceUrl = await resolveSource(data)
    const progress = progressOn(process.stderr)
    const report = await importOnlineRetail({ file, sourceUrl, signal, progress })
    console.log(json ? JSON.stringify(report) : formatReport(report))

    const { total, notImported } = report.lines
    if (notImported === 0) return 0
    const nothing = notImported === total
    console.error(
      nothing
        ? `No line of ${file} could be imported`
        : `${notImported} of ${total} lines were not imported: see the report`,
    )
    return nothing ? 1 : 0
  },
}
