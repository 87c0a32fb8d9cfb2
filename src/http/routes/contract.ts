/** GET /openapi.json and GET /docs: what this API is, for machines and for people. */
import { type OpenApiDocument, openApiDocument } from '../openapi.ts'
import { type Operation, operation } from '../operation.ts'

/** These change with a release only. */
function answer(type: string, body: string): Response {
  return new Response(body, {
    headers: { 'Content-Type': type, 'Cache-Control': 'public, max-age=300' },
  })
}

/** The operations that tell of all operations, themselves included. */
export function contractOperations(all: () => readonly Operation[]): Operation[] {
  let made: OpenApiDocument | undefined
  const document = () => {
    made ??= openApiDocument(all().map(({ spec }) => spec))
    return made
  }
  const getOpenApi = operation(
    {
      id: 'getOpenApi',
      method: 'GET',
      path: '/openapi.json',
      summary: 'This document: OpenAPI 3.1',
      permission: null,
      answer: { status: 200, description: 'The document', content: 'application/json' },
    },
    () => answer('application/json', JSON.stringify(document())),
  )
  return [getOpenApi]
}
