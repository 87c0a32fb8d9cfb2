/** Bodies that are made while they are read: no more is made than is asked for. */

/**
 * The texts as UTF-8, each made when the one before is taken. When `texts` throws the body breaks off, so
 * that nobody takes it for whole.
 */
export function textStream(texts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await texts.next()
        if (done) controller.close()
        else controller.enqueue(encoder.encode(value))
      },
      async cancel() {
        await texts.return(undefined)
      },
    },
    { highWaterMark: 0 },
  )
}
