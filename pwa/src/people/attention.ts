/** Whether the person who has begun something is still there to be shown how it ends. */
import { useEffect, useMemo } from 'preact/hooks'

export interface Attention {
  /** She begins something. The signal is aborted if its dialog goes before `end`, by whatever way. */
  begin(): AbortSignal
  /** She is shown how it ended. */
  end(): void
}

/** That of the dialog which calls it, for one thing at a time. */
export function useAttention(): Attention {
  const attention = useMemo(() => {
    let begun: AbortController | null = null
    return {
      begin() {
        begun = new AbortController()
        return begun.signal
      },
      end() {
        begun = null
      },
      leave: () => begun?.abort(),
    }
  }, [])
  useEffect(() => attention.leave, [attention])
  return attention
}
