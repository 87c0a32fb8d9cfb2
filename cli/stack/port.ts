import { createServer } from 'node:net'
import { CliError } from '../command.ts'

/** A TCP port from 1 to 65535, as a command line gives it. */
export function parsePort(text: string, option = '--port'): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port >= 1 && port <= 65_535) return port
  throw new CliError(`${option} is a number from 1 to 65535: not ${text}`, 2)
}

/** @throws CliError when nobody could listen there now */
export async function assertPortFree(host: string, port: number): Promise<void> {
  await listenOnce(host, port).catch((error) => {
    throw portError(host, port, error)
  })
}

/** A port of the loopback interface that nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return listenOnce('127.0.0.1', 0)
}

/** The one line for an address that can't be listened on; any other error as it is. */
export function portError(host: string, port: number, error: unknown, option = '--port'): unknown {
  const reasons: Record<string, string> = {
    EADDRINUSE: `Port ${port} is taken by another program: choose one with ${option}`,
    EACCES: `Port ${port} needs privileges that this user has not: choose one with ${option}`,
    EADDRNOTAVAIL: `${host} is no address of this machine: choose one with --host`,
    ENOTFOUND: `${host} is no known host: choose one with --host`,
  }
  const line = reasons[(error as { code?: string }).code ?? '']
  return line === undefined ? error : new CliError(line, 1, { cause: error })
}

function listenOnce(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen({ host, port, exclusive: true }, () => {
      const bound = (probe.address() as { port: number }).port
      probe.close(() => resolve(bound))
    })
  })
}
