/**
 * A rebuild in a process of its own, for the kill that only a process can have. Run with a
 * `RebuildProcess` as JSON; prints a line for each step as it begins.
 */
import type { ProjectorPoint } from '../../../projector/points.ts'
import { type RebuildStep, rebuild } from '../../../projector/rebuild.ts'

export interface RebuildProcess {
  sourceUrl: string
  readUrl: string
  slotName: string
  /** The process ends itself when it passes this for the nth time. */
  killAt?: { moment: ProjectorPoint | RebuildStep; passes: number }
}

async function main({ killAt, ...options }: RebuildProcess) {
  let passes = killAt?.passes ?? 0
  const pass = (moment: ProjectorPoint | RebuildStep) => {
    if (killAt?.moment === moment && --passes <= 0) process.kill(process.pid, 'SIGKILL')
  }
  await rebuild({
    ...options,
    onPoint: pass,
    onStep(step) {
      console.log(step)
      pass(step)
    },
  })
}

if (import.meta.main) await main(JSON.parse(process.argv[2]!))
