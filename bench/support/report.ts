/** How a bench reports: a table for people, one JSON document for machines. */

export interface Figure {
  name: string
  ours: number
  /** Null of a figure that stands alone. */
  peer: number | null
  ratio: number | null
  unit: string
  /** The ratio that the design asks for; of a figure that stands alone, its limit. */
  target: number
  met: boolean
}

/** @param atLeast whether the ratio must reach the target; otherwise it must not exceed it */
export function figure(
  name: string,
  ours: number,
  peer: number,
  unit: string,
  target: number,
  atLeast = true,
): Figure {
  const ratio = ours / peer
  return { name, ours, peer, ratio, unit, target, met: atLeast ? ratio >= target : ratio <= target }
}

/** A figure that has no peer and must not exceed a limit. */
export function limit(name: string, ours: number, unit: string, target: number): Figure {
  return { name, ours, peer: null, ratio: null, unit, target, met: ours <= target }
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** @param sorted ascending */
export function percentile(sorted: number[], percent: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length * percent) / 100) - 1)]!
}

export function printTable(figures: Figure[]): void {
  const rows = figures.map(({ name, ours, peer, ratio, unit, target, met }) => [
    name,
    `${round(ours)} ${unit}`,
    peer === null ? '—' : `${round(peer)} ${unit}`,
    ratio === null ? '—' : `${ratio.toFixed(2)}×`,
    ratio === null ? `≤ ${target} ${unit}` : `${target}×`,
    met ? 'met' : 'not met',
  ])
  const all = [['what', 'ours', 'peer', 'ratio', 'target', ''], ...rows]
  const widths = all[0]!.map((_, at) => Math.max(...all.map((row) => row[at]!.length)))
  for (const row of all) console.log(row.map((cell, at) => cell.padEnd(widths[at]!)).join('  '))
}

function round(value: number): string {
  const digits = value >= 100 ? 0 : value >= 1 ? 2 : 4
  return value.toLocaleString('en', { maximumFractionDigits: digits })
}
