/** The API on all runtimes that are installed here, as processes on the same databases. */
import {
  programOf,
  RUNTIMES,
  type Runtime,
  type RuntimeProcess,
  startRuntime,
} from '../../dev/runtimes.ts'
import { hasRedis } from '../cache/redis-server.ts'
import { needs } from '../support/needs.ts'

/** For a hook that starts a fleet and what it stands on. */
export const BOOT_MS = 300_000

/** `test` for a runtime, of a suite that needs a Redis too. */
export const checkOn = (runtime: Runtime) =>
  programOf(runtime) ? needs('redis-server', hasRedis) : needs(runtime, false)

export class Fleet {
  readonly #processes: ReadonlyMap<Runtime, RuntimeProcess>

  private constructor(processes: ReadonlyMap<Runtime, RuntimeProcess>) {
    this.#processes = processes
  }

  static async start(env: Readonly<Record<string, string>>): Promise<Fleet> {
    const processes = RUNTIMES.filter(programOf).map(
      async (runtime) => [runtime, await startRuntime(runtime, { env })] as const,
    )
    return new Fleet(new Map(await Promise.all(processes)))
  }

  get runtimes(): Runtime[] {
    return [...this.#processes.keys()]
  }

  /** An empty token sends none. */
  async ask(
    runtime: Runtime,
    path: string,
    token: string,
    init: { method?: string; headers?: Record<string, string>; body?: object } = {},
  ): Promise<Response> {
    const { method = 'GET', body } = init
    return fetch(this.#processes.get(runtime)!.url + path, {
      method,
      headers: {
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(body && { 'Content-Type': 'application/json' }),
        ...init.headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    })
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#processes.values()].map((process) => process.stop()))
  }
}
