/** Keeps what the reader looks at where it is on the screen while rows appear above it. */
import { type Signal, useSignal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { Timeline } from './timeline.ts'

/** What hides the page's upper edge: the bar, and a month's title. */
const HEAD_PX = 104

/** Whether the list's first rows are in sight: what arrives is then seen, and nothing is held. */
export function useHeldScroll(
  list: RefObject<HTMLElement | null>,
  timeline: Timeline,
): Signal<boolean> {
  const atTop = useSignal(true)
  const held = useRef<{ row: Element; top: number } | null>(null)
  useEffect(() => {
    timeline.onHeadChange = () => {
      held.current = atTop.peek() ? null : firstInSight(list.current!)
    }
    return () => {
      timeline.onHeadChange = () => {}
    }
  }, [timeline, list, atTop])
  const entries = timeline.entries.value
  // After each change of the entries.
  useLayoutEffect(() => {
    const { row, top } = held.current ?? {}
    held.current = null
    if (row?.isConnected)
      scrollBy({ top: row.getBoundingClientRect().top - top!, behavior: 'instant' })
  }, [entries])
  useEffect(() => {
    const look = () => {
      atTop.value = (list.current?.getBoundingClientRect().top ?? 0) >= 0
    }
    // With the next frame, which lays the page out anyway; at once, it would be laid out once more.
    const first = requestAnimationFrame(look)
    addEventListener('scroll', look, { passive: true })
    return () => {
      cancelAnimationFrame(first)
      removeEventListener('scroll', look)
    }
  }, [list, atTop])
  return atTop
}

function firstInSight(list: HTMLElement): { row: Element; top: number } | null {
  for (const row of list.querySelectorAll('.row')) {
    const { top, bottom } = row.getBoundingClientRect()
    if (bottom > HEAD_PX) return { row, top }
  }
  return null
}
