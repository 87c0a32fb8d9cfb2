/** The one entry of a browser's history that a tab is at, and its address. */
export class FakeHistory {
  state: Record<string, unknown> | null = null
  readonly location = { origin: 'http://localhost', pathname: '/', search: '', hash: '' }
  readonly #globals = { history: globalThis.history, location: globalThis.location }

  /** Stands for the browser's own from here on. */
  install(): void {
    Object.assign(globalThis, { history: this, location: this.location })
  }

  restore(): void {
    Object.assign(globalThis, this.#globals)
  }

  /** As it is typed, or opened by another program: an entry of its own, that nothing is known of. */
  open(path: string, state: Record<string, unknown> | null = null): void {
    Object.assign(this.location, { pathname: path, search: '', hash: '' })
    this.state = state
  }

  replaceState(state: Record<string, unknown> | null, _unused: string, to?: string): void {
    this.state = state
    if (to !== undefined) this.location.pathname = to
  }

  pushState(state: Record<string, unknown>, unused: string, to: string): void {
    this.replaceState(state, unused, to)
  }
}
