/** A component whose code is fetched when it is first shown: nothing that is seldom used is in the first bundle. */
import type { FunctionComponent } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/**
 * Shows nothing until the code is there. If it can't be had (no network on a device that has not kept the app's
 * files), `WhenFailed` says so, and may try again.
 */
export function lazy<Props extends object>(
  load: () => Promise<FunctionComponent<Props>>,
  WhenFailed?: FunctionComponent<Props & { onRetry: () => void }>,
): FunctionComponent<Props> {
  let loaded: FunctionComponent<Props> | null = null
  return function Lazy(props: Props) {
    const [Component, setComponent] = useState(() => loaded)
    const [failed, setFailed] = useState(false)
    useEffect(() => {
      if (Component || failed) return
      load().then(
        (component) => {
          loaded = component
          setComponent(() => component)
        },
        () => setFailed(true),
      )
    }, [Component, failed])
    if (Component) return <Component {...props} />
    return failed && WhenFailed ? <WhenFailed {...props} onRetry={() => setFailed(false)} /> : null
  }
}
