/** A configuration of workerd for one Worker of ours, and the files beside it, in Cap'n Proto's text. */
import { WORKER } from './bundle.ts'

interface WorkerdConfig {
  /** The bundle's file, beside the configuration. */
  module: string
  /** `HOST:PORT` to listen on. */
  address: string
  /** PostgreSQL URLs by the name of their Hyperdrive binding. */
  databases: Readonly<Record<string, string>>
  /** Variables of workerd's own environment that the Worker is given: no secret is in the file. */
  variables: readonly string[]
  /** Files that are answered beside the Worker. */
  assets?: {
    /** The door's bundle, beside the configuration. */
    door: string
    directory: string
  }
}

/** Hyperdrive is direct here: plain TCP to the database, without a pool and without a cache. */
export function workerdConfig(config: WorkerdConfig): string {
  const { module, address, databases, variables, assets } = config
  const urls = Object.entries(databases).map(([name, text]) => ({ name, url: new URL(text) }))
  const services = urls.map(
    ({ name, url }) =>
      `(name = ${quoted(name)}, external = (address = ${quoted(`${url.hostname}:${url.port || 5432}`)}, tcp = ()))`,
  )
  const hyperdrives = urls.map(({ name, url }) => {
    const [database, user, password] = [url.pathname.slice(1), url.username, url.password].map(
      (part) => quoted(decodeURIComponent(part)),
    )
    return `(name = ${quoted(name)}, hyperdrive = (designator = ${quoted(name)}, database = ${database}, user = ${user}, password = ${password}, scheme = "postgresql"))`
  })
  const texts = variables.map(
    (name) => `(name = ${quoted(name)}, fromEnvironment = ${quoted(name)})`,
  )
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    # A Redis or an identity provider may be on this machine.
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
    ${[...services, ...(assets ? doorServices(assets.directory) : [])].join(',\n    ')}
  ],
  sockets = [(name = "http", address = ${quoted(address)}, http = (), service = ${quoted(assets ? 'door' : 'main')})],
);
${assets ? doorWorker(assets.door) : ''}
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed ${quoted(module)})],
  compatibilityDate = ${quoted(WORKER.compatibility_date)},
  compatibilityFlags = [${WORKER.compatibility_flags.map(quoted).join(', ')}],
  bindings = [
    ${[...hyperdrives, ...texts, ...(assets ? [`(name = ${quoted(WORKER.assets.binding)}, service = "door")`] : [])].join(',\n    ')}
  ],
);
`
}

function doorServices(directory: string): string[] {
  return [
    `(name = "files", disk = (path = ${quoted(directory)}))`,
    '(name = "door", worker = .door)',
  ]
}

function doorWorker(module: string): string {
  return `
const door :Workerd.Worker = (
  modules = [(name = "door", esModule = embed ${quoted(module)})],
  compatibilityDate = ${quoted(WORKER.compatibility_date)},
  bindings = [
    (name = "FILES", service = "files"),
    (name = "API", service = "main"),
    (name = "SETTINGS", json = ${quoted(JSON.stringify(WORKER.assets))}),
  ],
);
`
}

/** JSON's escapes are understood by Cap'n Proto, except those by code point: control characters. */
function quoted(text: string): string {
  if (/\p{Cc}/u.test(text)) throw new RangeError('a control character in a name or address')
  return JSON.stringify(text)
}
