/** The demo's sign-in, which only `pt up` with its own database serves. */

export interface DemoChain {
  id: string
  name: string
  locations: { id: string; name: string }[]
}

interface DemoChoice {
  business: string
  role: string
  locations: '*' | string[]
  /** How much is seen of the other stores. */
  visibility: string
}

const ADDRESS = '/demo/sign-in'

/** What there is to choose from. */
export interface Demo {
  chains: DemoChain[]
  roles: string[]
  visibilities: string[]
}

/** Null where there is no demo. */
export async function readDemo(): Promise<Demo | null> {
  const response = await fetch(ADDRESS, { cache: 'no-store' }).catch(() => null)
  const isJson = response?.headers.get('Content-Type')?.startsWith('application/json')
  return response?.ok && isJson ? response.json() : null
}

/** The chosen person's token; null when it could not be had. */
export async function signInToDemo(choice: DemoChoice): Promise<string | null> {
  const response = await fetch(ADDRESS, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(choice),
  }).catch(() => null)
  if (!response?.ok) return null
  const { token } = await response.json()
  return token
}
