/** The table of problems that people read. */
import { expect, test } from 'bun:test'
import { PROBLEM_KINDS, problemStatus } from '../../src/http/problem.ts'

test('has every problem with its status, in the order of these', async () => {
  const text = await Bun.file(new URL('../../docs/API.md', import.meta.url)).text()
  const table = text.split('| `urn:purchase-timeline:problem:` | status | |')[1]!.split('\n\n')[0]!
  const rows = [...table.matchAll(/^\| `([a-z-]+)` \| (\d{3}) \| .+ \|$/gm)].map(
    ([, kind, status]) => `${status} ${kind}`,
  )

  expect(rows.toSorted()).toEqual(
    PROBLEM_KINDS.map((kind) => `${problemStatus(kind)} ${kind}`).toSorted(),
  )
  const statuses = rows.map((row) => Number(row.slice(0, 3)))
  expect(statuses).toEqual(statuses.toSorted((a, b) => a - b))
})
