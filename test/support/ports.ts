/**
 * Ports for programs that are told theirs: of a range of each test process, below those that the system gives to
 * whoever asks for any. So nobody takes one between the look and the program's own bind.
 */
import { assertPortFree } from '../../cli/stack/port.ts'

const FIRST = 12_000
const EACH = 20
const RANGES = 1_000

let serial = 0

export async function ownPort(): Promise<number> {
  for (let tried = 0; tried < EACH; tried++) {
    const port = FIRST + (process.pid % RANGES) * EACH + (serial++ % EACH)
    const isFree = await assertPortFree('127.0.0.1', port).then(
      () => true,
      () => false,
    )
    if (isFree) return port
  }
  throw new Error('all ports of this process are taken')
}
