/** The page for people: everything is in it, it needs nothing of others, and nothing in it is inline. */
import { beforeAll, expect, test } from 'bun:test'
import { createApp } from '../../src/http/app.ts'
import { docsPage } from '../../src/http/docs-page.ts'
import { openApiDocument } from '../../src/http/openapi.ts'
import { OPERATIONS } from '../../src/http/operations.ts'
import { appDepsOf } from '../http/support/api.ts'

const app = createApp(appDepsOf())
let response: Response
let html: string

beforeAll(async () => {
  response = await app.request('/docs')
  html = await response.clone().text()
})

test('has a policy that lets it load its style alone, and asks for nothing else', async () => {
  const policy = response.headers.get('Content-Security-Policy')!

  expect(policy).toStartWith("default-src 'none'; style-src 'self';")
  expect(policy).not.toContain('unsafe')
  expect(html).not.toMatch(/<script|<style|style=|\son\w+=|javascript:|https?:\/\//)
  const loaded = [...html.matchAll(/<link[^>]+href="([^"]+)"/g)].map(([, href]) => href!)
  expect(loaded).toEqual(['/docs/style.css'])
  const style = await app.request(loaded[0]!)
  expect(style.headers.get('Content-Type')).toBe('text/css; charset=utf-8')
  expect(await style.text()).not.toMatch(/@import|url\(/)
})

test('tells of every operation, parameter, problem and schema, each once under its own id', () => {
  const document = openApiDocument(OPERATIONS.map(({ spec }) => spec))
  for (const operation of Object.values(document.paths).flatMap((path) => Object.values(path))) {
    expect(html.split(`id="${operation.operationId}"`)).toHaveLength(2)
    for (const { name } of operation.parameters) expect(html).toContain(`<code>${name}</code>`)
  }
  for (const name of Object.keys(document.components.schemas))
    expect(html.split(`id="schema-${name}"`)).toHaveLength(2)
})

test('every link within it leads somewhere', () => {
  const ids = new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))

  const links = [...html.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id!)

  expect(links.length).toBeGreaterThan(50)
  expect(links.filter((id) => !ids.has(id))).toEqual([])
})

test('is well formed, in one language, with landmarks and no skipped heading', () => {
  const open: string[] = []
  for (const [, slash, name, rest] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)([^>]*)>/g)) {
    if (['meta', 'link', 'br'].includes(name!)) continue
    if (slash) expect(open.pop()).toBe(name!)
    else if (!rest!.endsWith('/')) open.push(name!)
  }
  expect(open).toEqual([])
  expect(html).toContain('<html lang="en">')
  for (const landmark of ['<nav aria-label=', '<main id="main">']) expect(html).toContain(landmark)
  const levels = [...html.matchAll(/<h(\d)/g)].map(([, level]) => Number(level))
  expect(levels[0]).toBe(1)
  levels.reduce((before, level) => {
    expect(level).toBeLessThanOrEqual(before + 1)
    return level
  })
})

test('shows markup in a document as text', () => {
  const document = openApiDocument(OPERATIONS.map(({ spec }) => spec))
  document.info.description = '<img src=x onerror="alert(1)"> & `<b>`'

  expect(docsPage(document)).toContain(
    '&lt;img src=x onerror=&quot;alert(1)&quot;&gt; &amp; <code>&lt;b&gt;</code>',
  )
})
