/** The document is OpenAPI 3.1, tells of every operation and problem, and promises what is checked. */
import { expect, test } from 'bun:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import packageJson from '../../package.json' with { type: 'json' }
import { createApp } from '../../src/http/app.ts'
import { API_VERSION, type OpenApiDocument, openApiDocument } from '../../src/http/openapi.ts'
import { OPERATIONS } from '../../src/http/operations.ts'
import { PROBLEM_KINDS, problemStatus, problemType } from '../../src/http/problem.ts'
import { appDepsOf } from '../http/support/api.ts'

const document = openApiDocument(OPERATIONS.map(({ spec }) => spec))
const operations = Object.values(document.paths).flatMap((path) => Object.values(path))

test('is valid by the schema of OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(document)))

  expect(errors).toBeUndefined()
  expect(valid).toBe(true)
})

test('is what the API answers with', async () => {
  const app = createApp(appDepsOf())

  const response = await app.request('/openapi.json')

  expect(response.headers.get('Content-Type')).toStartWith('application/json')
  expect((await response.json()) as OpenApiDocument).toEqual(JSON.parse(JSON.stringify(document)))
})

test('has every operation once, under its id, with the parameters of its path', () => {
  expect(operations.map(({ operationId }) => operationId).sort()).toEqual(
    OPERATIONS.map(({ spec }) => spec.id).sort(),
  )
  for (const [path, methods] of Object.entries(document.paths)) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    for (const { parameters } of Object.values(methods)) {
      expect(parameters.filter((p) => p.in === 'path').map((p) => p.name)).toEqual(
        named as string[],
      )
    }
  }
})

test('wants a token wherever the router does, and an Idempotency-Key of every command', () => {
  for (const { spec } of OPERATIONS) {
    const said = operations.find(({ operationId }) => operationId === spec.id)!
    expect(said.security).toEqual(spec.permission === null ? [] : [{ bearer: [] }])
    const key = said.parameters.find(({ name }) => name === 'Idempotency-Key')
    expect(key?.required ?? false).toBe(spec.command)
    expect('401' in said.responses).toBe(spec.permission !== null)
  }
})

test('lists each problem under its status, and every kind but those of no operation somewhere', () => {
  const listed = new Set<string>()
  for (const { responses } of operations) {
    for (const [status, { content }] of Object.entries(responses)) {
      const types = content?.['application/problem+json']?.schema.properties?.type?.enum ?? []
      for (const type of types as string[]) {
        listed.add(type)
        const kind = PROBLEM_KINDS.find((kind) => problemType(kind) === type)!
        expect(problemStatus(kind)).toBe(Number(status))
      }
    }
  }
  const unlisted = PROBLEM_KINDS.filter((kind) => !listed.has(problemType(kind)))
  expect(unlisted).toEqual(['method-not-allowed'])
})

test('resolves each of its references, and uses each component', () => {
  const text = JSON.stringify(document)
  const used = new Set(
    [...text.matchAll(/"\$ref":"#\/components\/(\w+)\/([\w-]+)"/g)].map(
      ([, kind, name]) => `${kind}/${name}`,
    ),
  )
  const { schemas, headers } = document.components
  const there = [
    ...Object.keys(schemas).map((name) => `schemas/${name}`),
    ...Object.keys(headers).map((name) => `headers/${name}`),
  ]

  expect([...used].filter((name) => !there.includes(name))).toEqual([])
  expect(there.filter((name) => !used.has(name))).toEqual(['headers/Allow'])
})

test('says money as integers of 64 bits, and forbids unknown members only of what is sent', () => {
  const { MinorUnits, Money, MergeRequest } = document.components.schemas

  expect(MinorUnits).toMatchObject({ type: 'integer', format: 'int64' })
  expect(Money).toMatchObject({
    properties: { amount: { $ref: '#/components/schemas/MinorUnits' } },
  })
  expect(Money).not.toHaveProperty('additionalProperties')
  expect(MergeRequest).toHaveProperty('additionalProperties', false)
})

test('has the version of the package', () => {
  expect(API_VERSION).toBe(packageJson.version)
})
