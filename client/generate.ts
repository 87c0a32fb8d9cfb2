/** `npm run client`: writes the client's types anew. */
import { openApiDocument } from '../src/http/openapi.ts'
import { OPERATIONS } from '../src/http/operations.ts'
import { clientTypes } from './types.ts'

const types = clientTypes(openApiDocument(OPERATIONS.map(({ spec }) => spec)))
await Bun.write(new URL('schema.d.ts', import.meta.url), types)
