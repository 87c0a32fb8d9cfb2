/** One of the server's events; null stands for a sign of life that says nothing. */
export type LiveEvent = { name: string; data: string } | null

/** The events of an answer of the type `text/event-stream`, until it ends. Rejects when it breaks. */
export async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<LiveEvent> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      text += decoder.decode(value, { stream: true })
      const blocks = text.split('\n\n')
      text = blocks.pop()!
      for (const block of blocks) yield eventOf(block)
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

function eventOf(block: string): LiveEvent {
  const fields = new Map(block.split('\n').map((line) => line.split(/: ?(.*)/) as [string, string]))
  const data = fields.get('data')
  return data === undefined ? null : { name: fields.get('event') ?? 'message', data }
}
