/** Writes the normal demo and says so after every commit: a process for tests to kill. */
import { seedDemo } from '../../../cli/demo/index.ts'

await seedDemo({
  sourceUrl: process.argv[2]!,
  onProgress: ({ done }) => process.stdout.write(`${done}\n`),
})
