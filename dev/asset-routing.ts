/**
 * Who answers an address on Cloudflare, a file or the Worker, and with which headers, by what wrangler.toml's
 * `[assets]` and the built `_headers` say. These are the documented rules of Workers static assets, those of
 * them that the two files use; the edge itself has its own program for it.
 */

/** As in wrangler.toml. `run_worker_first`: `/…` is the Worker's, `!/…` the files', and the latter wins. */
export interface AssetSettings {
  directory: string
  /** Under which name the Worker itself asks for files. */
  binding: string
  html_handling: 'none'
  not_found_handling: 'single-page-application'
  run_worker_first: readonly string[]
}

/** What a screen is answered with, and any address of the files' that is none of theirs. */
const PAGE = '/index.html'

/**
 * The file that answers the address, or null for the Worker. An address of neither list is the file's of that
 * name, if there is one: with the flag `assets_navigation_has_no_effect` also where a browser goes there.
 */
export async function fileFor(
  path: string,
  { run_worker_first: rules }: Pick<AssetSettings, 'run_worker_first'>,
  exists: (path: string) => boolean | Promise<boolean>,
): Promise<string | null> {
  const isListed = rules.some((rule) => rule.startsWith('!') && matches(rule.slice(1), path))
  if (!isListed && rules.some((rule) => matches(rule, path))) return null
  if (await exists(path)) return path
  return isListed ? PAGE : null
}

/** The headers that `_headers` puts on the answer for the address; a later rule's `! Name` takes one off. */
export function headersFor(path: string, text: string): Headers {
  const headers = new Headers()
  let applies = false
  for (const line of text.split('\n').filter(Boolean)) {
    if (!line.startsWith(' ')) applies = matches(line, path)
    else if (applies && line.startsWith('  ! ')) headers.delete(line.slice(4))
    else if (applies) {
      const [name, ...value] = line.trim().split(': ')
      headers.append(name!, value.join(': '))
    }
  }
  return headers
}

/** `*` stands for any characters, slashes too. */
function matches(rule: string, path: string): boolean {
  const parts = rule.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(path)
}
