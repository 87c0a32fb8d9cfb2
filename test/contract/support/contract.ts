/** Holds an answer against what its operation promises. */

import { problemsOf } from '../../../src/http/openapi.ts'
import type { OperationSpec } from '../../../src/http/operation.ts'
import { OPERATIONS } from '../../../src/http/operations.ts'
import { type ProblemKind, problemStatus, problemType } from '../../../src/http/problem.ts'
import { problem } from '../../../src/http/schemas.ts'

/** What is answered where no operation is. */
const ELSEWHERE: readonly ProblemKind[] = ['not-found', 'method-not-allowed']

const PATTERNS = OPERATIONS.map(({ spec }) => ({
  spec,
  pattern: new RegExp(`^${spec.path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
}))

/** The operation at an address; undefined where there is none. */
function operationAt(method: string, path: string): OperationSpec | undefined {
  const { pathname } = new URL(path.startsWith('/') ? `http://test${path}` : path)
  const asked = method === 'HEAD' ? 'GET' : method
  return PATTERNS.find(({ spec, pattern }) => spec.method === asked && pattern.test(pathname))?.spec
}

/** Throws, and shows the answer, unless its status and body are those of the operation. */
export async function assertContract(
  method: string,
  path: string,
  response: Response,
): Promise<void> {
  const isPreflight = method === 'OPTIONS' && response.status === 204
  if (isPreflight) return
  const spec = operationAt(method, path)
  const text = await response.text()
  try {
    await assertAnswer(spec, method === 'HEAD', response, text)
  } catch (error) {
    const what = `${method} ${path} (${spec?.id ?? 'no operation'}) → ${response.status}`
    throw new Error(`${what} breaks its contract: ${text.slice(0, 2_000)}`, { cause: error })
  }
}

async function assertAnswer(
  spec: OperationSpec | undefined,
  bodiless: boolean,
  { status, headers }: Response,
  text: string,
): Promise<void> {
  const type = headers.get('Content-Type')
  if (type === 'application/problem+json') {
    const kinds = spec ? problemsOf(spec) : ELSEWHERE
    if (bodiless) return
    const body = problem.parse(JSON.parse(text))
    const kind = kinds.find((kind) => problemType(kind) === body.type)
    if (!kind || problemStatus(kind) !== status) throw new Error('the problem is not listed')
    return
  }
  if (status === 304 && spec?.answer.headers?.includes('ETag')) return
  const answers = spec ? [spec.answer, ...(spec.otherAnswers ?? [])] : []
  const answer = answers.find((answer) => answer.status === status)
  if (!answer) throw new Error('the status is not listed')
  if (typeof answer.content === 'string') {
    if (type?.split(';')[0] !== answer.content) throw new Error(`the type is ${type}`)
  } else {
    if (type !== 'application/json') throw new Error(`the type is ${type}`)
    if (!bodiless) answer.content.parse(JSON.parse(text))
  }
}
