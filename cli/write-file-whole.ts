import { rename, writeFile } from 'node:fs/promises'

/** Writes a file that only its owner reads. At every instant it has its old or its new content. */
export async function writeFileWhole(path: string, content: string): Promise<void> {
  const fresh = `${path}.new`
  await writeFile(fresh, content, { mode: 0o600, flush: true })
  await rename(fresh, path)
}
