/**
 * The page for people: the OpenAPI document as one HTML text, made on the server. It has no script, and its
 * style is a file of its own, so that it needs nothing of others and nothing inline.
 */
import type { OpenApiDocument, OpenApiOperation, OpenApiParameter } from './openapi.ts'
import { type JsonSchema, resolved, schemaName } from './openapi-schemas.ts'

type Schemas = Record<string, JsonSchema>

export function docsPage(document: OpenApiDocument): string {
  const { info, tags, components } = document
  const operations = operationsOf(document)
  const groups = tags.map((tag) => ({
    ...tag,
    own: operations.filter(({ operation }) => operation.tags.includes(tag.name)),
  }))
  const schemas = Object.entries(components.schemas)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(info.title)} API ${text(info.version)}</title>
<link rel="stylesheet" href="/docs/style.css">
</head>
<body>
<a class="skip" href="#main">Skip to the operations</a>
<nav aria-label="Contents">
<p class="title"><a href="#main">${text(info.title)}</a> <small>${text(info.version)}</small></p>
${groups
  .map(({ name, own }) =>
    contents(
      name,
      own.map(({ path, method, operation }) => [
        operation.operationId,
        `${badge(method)} ${text(path)}`,
      ]),
    ),
  )
  .join('\n')}
${contents(
  'Schemas',
  schemas.map(([name]) => [`schema-${name}`, text(name)]),
)}
</nav>
<main id="main">
<h1>${text(info.title)} API</h1>
${paragraphs(info.description)}
<p>For machines: <a href="/openapi.json">/openapi.json</a>, OpenAPI ${text(document.openapi)}.</p>
${groups.map(({ name, description, own }) => `<section aria-labelledby="tag-${name}">\n<h2 id="tag-${name}">${text(name)}</h2>\n${paragraphs(description)}\n${own.map((one) => section(one, components.schemas)).join('\n')}\n</section>`).join('\n')}
<section aria-labelledby="schemas">
<h2 id="schemas">Schemas</h2>
${schemas.map(([name, schema]) => schemaSection(name, schema)).join('\n')}
</section>
</main>
</body>
</html>
`
}

interface Addressed {
  path: string
  method: string
  operation: OpenApiOperation
}

function operationsOf({ paths }: OpenApiDocument): Addressed[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
}

function contents(title: string, links: readonly (readonly [id: string, html: string])[]): string {
  const items = links.map(([id, html]) => `<li><a href="#${id}">${html}</a></li>`)
  return `<p class="group">${text(title)}</p>\n<ul>${items.join('')}</ul>`
}

function section({ path, method, operation }: Addressed, schemas: Schemas): string {
  const { operationId, summary, description, parameters, requestBody, responses } = operation
  const body = requestBody?.content['application/json'].schema
  return `<article aria-labelledby="${operationId}">
<h3 id="${operationId}">${badge(method)} <code>${text(path)}</code></h3>
<p class="summary">${inline(summary)}</p>
${paragraphs(description ?? '')}
${parameters.length > 0 ? parameterTable(parameters) : ''}
${body ? `<h4>Body</h4>\n<p>${typeHtml(body)}</p>\n${example(body, schemas)}` : ''}
<h4>Answers</h4>
${answers(responses)}
${firstExample(responses, schemas)}
<details><summary>Ask with curl</summary><pre><code>${text(curl(path, method, operation, schemas))}</code></pre></details>
</article>`
}

function parameterTable(parameters: readonly OpenApiParameter[]): string {
  const rows = parameters.map(
    ({ name, in: place, required, description, schema }) =>
      `<tr><th scope="row"><code>${text(name)}</code>${required ? ' <em>required</em>' : ''}</th><td>${place}</td><td>${typeHtml(schema)}</td><td>${inline(description ?? '')}${given(schema)}</td></tr>`,
  )
  return table(['Parameter', 'In', 'Type', 'What it is'], rows)
}

/** On every answer; the description of the whole says so. */
const ON_ALL = ['X-Request-Id', 'traceparent']

function answers(responses: OpenApiOperation['responses']): string {
  const rows = Object.entries(responses).map(([status, { description, content, headers }]) => {
    const bodies = Object.entries(content ?? {}).map(([type, { schema }]) => {
      const kinds = (schema.properties?.type?.enum ?? []) as string[]
      const named = kinds.map((kind) => `<code>${text(kind.split(':').at(-1)!)}</code>`).join(', ')
      return type === 'application/problem+json' ? `problem ${named}` : typeHtml(schema, type)
    })
    const own = Object.keys(headers).filter((name) => !ON_ALL.includes(name))
    const names = own.map((name) => `<code>${text(name)}</code>`)
    return `<tr><th scope="row">${status}</th><td>${inline(description)}</td><td>${bodies.join('<br>')}</td><td>${names.join(' ')}</td></tr>`
  })
  return table(['Status', 'When', 'Body', 'Headers'], rows)
}

function firstExample(responses: OpenApiOperation['responses'], schemas: Schemas): string {
  const answer = Object.values(responses)[0]?.content?.['application/json']
  return answer ? example(answer.schema, schemas) : ''
}

function schemaSection(name: string, schema: JsonSchema): string {
  const { properties = {}, required = [], description } = schema
  const rows = Object.entries(properties).map(
    ([member, own]) =>
      `<tr><th scope="row"><code>${text(member)}</code>${required.includes(member) ? '' : ' <em>may be missing</em>'}</th><td>${typeHtml(own)}</td><td>${inline(own.description ?? '')}</td></tr>`,
  )
  const members = rows.length > 0 ? table(['Member', 'Type', 'What it is'], rows) : ''
  return `<article aria-labelledby="schema-${name}">
<h3 id="schema-${name}">${text(name)}</h3>
${paragraphs(description ?? '')}
${members || `<p>${typeHtml(schema)}</p>`}
</article>`
}

function typeHtml(schema: JsonSchema, media = ''): string {
  if (media !== '' && media !== 'application/json') return `<code>${text(media)}</code>`
  if (schema.$ref !== undefined) {
    const name = schemaName(schema.$ref)
    return `<a href="#schema-${name}">${text(name)}</a>`
  }
  if (schema.enum)
    return schema.enum.map((value) => `<code>${text(String(value))}</code>`).join(' | ')
  if (schema.const !== undefined) return `<code>${text(String(schema.const))}</code>`
  if (schema.items) return `list of ${typeHtml(schema.items)}`
  const alternatives = schema.anyOf?.filter(({ type, $ref }) => type ?? $ref)
  if (alternatives?.length) return alternatives.map((one) => typeHtml(one)).join(' or ')
  if (schema.properties) {
    const members = Object.entries(schema.properties).map(
      ([name, own]) => `<code>${text(name)}</code>: ${typeHtml(own)}`,
    )
    return `{ ${members.join(', ')} }`
  }
  const formats = [schema.format, ...(schema.anyOf ?? []).map(({ format }) => format)].filter(
    Boolean,
  )
  return (
    [schema.type ?? 'anything'].flat().join(' or ') +
    (formats.length > 0 ? ` (${formats.join(', ')})` : '')
  )
}

/** Bounds, default and first example. */
function given({ minimum, maximum, default: otherwise, examples }: JsonSchema): string {
  const said = [
    minimum !== undefined && maximum !== undefined && `${minimum} to ${maximum}`,
    otherwise !== undefined && `${otherwise} if not given`,
    examples && `such as ${examples[0]}`,
  ].filter(Boolean)
  return said.length > 0 ? ` <small>${text(said.join('; '))}</small>` : ''
}

function example(schema: JsonSchema, schemas: Schemas): string {
  const value = JSON.stringify(exampleOf(schema, schemas), null, 2)
  return `<details><summary>Example</summary><pre><code>${text(value)}</code></pre></details>`
}

/** A value of the schema, of the examples that its parts have. */
function exampleOf(schema: JsonSchema, schemas: Schemas): unknown {
  const whole = resolved(schema, schemas)
  if (whole.examples) return whole.examples[0]
  if (whole.const !== undefined) return whole.const
  if (whole.enum) return whole.enum[0]
  if (whole.properties) {
    const shown = Object.entries(whole.properties).filter(([name]) =>
      whole.required?.includes(name),
    )
    return Object.fromEntries(shown.map(([name, own]) => [name, exampleOf(own, schemas)]))
  }
  if (whole.items) return [exampleOf(whole.items, schemas)]
  if (whole.anyOf) return exampleOf(whole.anyOf[0]!, schemas)
  const [type] = [whole.type].flat()
  return type === 'boolean'
    ? true
    : type === 'integer' || type === 'number'
      ? 1
      : type === 'string'
        ? 'text'
        : {}
}

function curl(
  path: string,
  method: string,
  { parameters, requestBody, security }: OpenApiOperation,
  schemas: Schemas,
): string {
  const [query] = parameters.filter((one) => one.in === 'query' && one.required)
  const address = path + (query ? `?${query.name}=${query.schema.examples?.[0] ?? ''}` : '')
  const body = requestBody?.content['application/json'].schema
  return [
    `curl${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} "$API${address}"`,
    ...(security.length > 0 ? ['-H "Authorization: Bearer $TOKEN"'] : []),
    ...(parameters.some(({ name }) => name === 'Idempotency-Key')
      ? ['-H "Idempotency-Key: $(uuidgen)"']
      : []),
    ...(body
      ? ['-H "Content-Type: application/json"', `-d '${JSON.stringify(exampleOf(body, schemas))}'`]
      : []),
  ].join(' \\\n  ')
}

function table(heads: readonly string[], rows: readonly string[]): string {
  const columns = heads.map((head) => `<th scope="col">${head}</th>`).join('')
  return `<div class="wide" tabindex="0" role="region" aria-label="${heads[0]}s"><table><thead><tr>${columns}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`
}

function badge(method: string): string {
  return `<span class="method ${method}">${method.toUpperCase()}</span>`
}

function paragraphs(markdown: string): string {
  return markdown
    .split('\n\n')
    .filter(Boolean)
    .map((part) => `<p>${inline(part)}</p>`)
    .join('\n')
}

/** Of CommonMark what the document uses: code in a line. */
function inline(markdown: string): string {
  return text(markdown).replace(/`([^`]+)`/g, '<code>$1</code>')
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function text(plain: string): string {
  return plain.replace(/[&<>"]/g, (char) => ENTITIES[char]!)
}
