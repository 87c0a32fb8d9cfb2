/** Prometheus's text format: https://prometheus.io/docs/instrumenting/exposition_formats */

type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary'
/** What each family is, by its name. */
export type MetricFamilies = Readonly<Record<string, readonly [type: MetricType, help: string]>>
export type Sample = [name: string, value: number, labels?: Record<string, string>]

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** The samples under their families, each with the labels that all have in common. */
export function exposition(
  families: MetricFamilies,
  samples: readonly Sample[],
  common: Record<string, string> = {},
): string {
  const lines: string[] = []
  for (const [family, [type, help]] of Object.entries(families)) {
    const own = samples.filter(([name]) => name.replace(/_(sum|count|bucket)$/, '') === family)
    if (own.length > 0) lines.push(`# HELP ${family} ${help}`, `# TYPE ${family} ${type}`)
    for (const [name, value, labels] of own) {
      const pairs = Object.entries({ ...common, ...labels }).map(
        ([key, text]) => `${key}="${text}"`,
      )
      lines.push(`${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`)
    }
  }
  return `${lines.join('\n')}\n`
}
