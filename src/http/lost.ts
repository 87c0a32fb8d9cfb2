/** What a person gets who goes to an address that nobody has, where an app for people is served beside the API. */

/** Whether it is a person's browser that goes to the address; a program is told by a problem. */
export function isNavigation({ method, headers }: Request): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  const mode = headers.get('Sec-Fetch-Mode')
  return mode === null ? /\btext\/html\b/.test(headers.get('Accept') ?? '') : mode === 'navigate'
}

/** The app's page, which says by itself that there is nothing. */
export function lostPage(page: Response): Response {
  const headers = new Headers(page.headers)
  headers.delete('ETag')
  headers.append('Vary', 'Accept, Sec-Fetch-Mode')
  return new Response(page.body, { status: 404, headers })
}
