/** GET /openapi.json and GET /docs: what this API is, for machines and for people. */
import { docsPage } from '../docs-page.ts'
import { DOCS_STYLE } from '../docs-style.ts'
import { openApiDocument } from '../openapi.ts'
import { type Operation, operation } from '../operation.ts'

/** The page alone may load its style, and nothing else from anywhere. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The operations that tell of all operations, themselves included. */
export function contractOperations(all: () => readonly Operation[]): Operation[] {
  const document = once(() => openApiDocument(all().map(({ spec }) => spec)))
  const json = once(() => JSON.stringify(document()))
  const page = once(() => docsPage(document()))
  const getOpenApi = operation(
    {
      id: 'getOpenApi',
      method: 'GET',
      path: '/openapi.json',
      summary: 'This document: OpenAPI 3.1',
      permission: null,
      answer: { status: 200, description: 'The document', content: 'application/json' },
    },
    () => answer('application/json', json()),
  )
  const getDocs = operation(
    {
      id: 'getDocs',
      method: 'GET',
      path: '/docs',
      summary: 'This document as a page for people',
      permission: null,
      answer: { status: 200, description: 'The page', content: 'text/html' },
    },
    () => {
      const response = answer('text/html; charset=utf-8', page())
      response.headers.set('Content-Security-Policy', PAGE_POLICY)
      return response
    },
  )
  const getDocsStyle = operation(
    {
      id: 'getDocsStyle',
      method: 'GET',
      path: '/docs/style.css',
      summary: "The page's style",
      permission: null,
      answer: { status: 200, description: 'The style', content: 'text/css' },
    },
    () => answer('text/css; charset=utf-8', DOCS_STYLE),
  )
  return [getOpenApi, getDocs, getDocsStyle]
}

/** These change with a release only. */
function answer(type: string, body: string): Response {
  return new Response(body, {
    headers: { 'Content-Type': type, 'Cache-Control': 'public, max-age=300' },
  })
}

/** Made when it is first asked for, and kept. */
function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}
