/**
 * A file's bytes as a stream, decompressed when it is an .xz. Whatever is wrong with the file as a
 * file is one clear CliError: nothing of it has been imported then.
 */
import { open, stat } from 'node:fs/promises'
import { XzReadableStream } from 'xz-decompress'
import { CliError } from '../command.ts'

export interface FileBytes {
  /** Size on disk. */
  size: number
  /** How much of it has been read so far: the measure of progress. */
  readonly consumed: number
  chunks: AsyncIterable<Uint8Array>
}

const XZ_MAGIC = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])
const CHUNK_BYTES = 64 * 1024

/** Looks at the file and its first bytes. It is open only while its chunks are read. */
export async function openFile(path: string): Promise<FileBytes> {
  // Before it is opened: the open of a pipe without a writer would wait for ever.
  const found = await stat(path).catch((error) => unreadable(path, error))
  if (found.isDirectory()) throw new CliError(`${path} is a directory, not a CSV file`)
  if (!found.isFile()) throw new CliError(`${path} is no regular file: write it to one first`)
  if (found.size === 0) throw new CliError(`${path} is empty`)

  const isXz = (await readHead(path)).equals(XZ_MAGIC)
  if (!isXz && path.endsWith('.xz')) throw new CliError(`${path} is named .xz but is no xz file`)

  const state = { consumed: 0 }
  const raw = readChunks(path, state)
  return {
    size: found.size,
    get consumed() {
      return state.consumed
    },
    chunks: isXz ? decompressed(raw, path) : raw,
  }
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path).catch((error) => unreadable(path, error))
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(XZ_MAGIC.length), 0, XZ_MAGIC.length)
    return buffer.subarray(0, bytesRead)
  } catch (error) {
    return unreadable(path, error)
  } finally {
    await file.close()
  }
}

async function* readChunks(path: string, state: { consumed: number }) {
  const file = await open(path).catch((error) => unreadable(path, error))
  try {
    for (;;) {
      const { buffer, bytesRead } = await file
        .read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, state.consumed)
        .catch((error) => unreadable(path, error))
      if (bytesRead === 0) return
      state.consumed += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}

async function* decompressed(raw: AsyncGenerator<Uint8Array>, path: string) {
  const source = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await raw.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await raw.return(undefined)
      },
    },
    { highWaterMark: 0 },
  )
  try {
    for await (const chunk of new XzReadableStream(source)) yield chunk
  } catch (error) {
    if (error instanceof CliError) throw error
    throw new CliError(`${path} is ${xzFault(error)}; nothing was imported`, 1, { cause: error })
  } finally {
    await raw.return(undefined)
  }
}

/** The decoder's codes, as xz-embedded numbers them. */
function xzFault(error: unknown): string {
  const code = /error code (\d)/.exec(String(error))?.[1]
  switch (code) {
    case '8':
      return 'a truncated xz file'
    case '6':
      return 'an xz file with options that this reader lacks: recompress it with xz --check=crc64'
    case '3':
    case '4':
      return 'an xz file that takes too much memory to unpack'
    default:
      return 'a damaged xz file'
  }
}

function unreadable(path: string, error: unknown): never {
  throw new CliError(`${path} ${fault(error)}`, 1, { cause: error })
}

function fault(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'does not exist'
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read: permission denied'
  return `cannot be read (${code ?? 'unknown error'})`
}
