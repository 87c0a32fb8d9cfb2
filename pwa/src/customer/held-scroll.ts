/** Keeps what the reader looks at where it is on the screen while rows come and go above it. */
import { type Signal, useSignal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useCallback, useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { Timeline } from './timeline.ts'

/** What hides the page's upper edge: the bar, and a month's title. */
const HEAD_PX = 104

interface HeldScroll {
  /** Whether the list's first rows are in sight: what arrives is then seen, and nothing is held. */
  atTop: Signal<boolean>
  /** What is in sight now will be where it is after what is drawn next. */
  hold(): void
}

export function useHeldScroll(list: RefObject<HTMLElement | null>, timeline: Timeline): HeldScroll {
  const atTop = useSignal(true)
  const held = useRef<{ row: Element; top: number } | null>(null)
  const hold = useCallback(() => {
    held.current = atTop.peek() ? null : firstInSight(list.current!)
  }, [list, atTop])
  useEffect(() => {
    timeline.onHeadChange = hold
    return () => {
      timeline.onHeadChange = () => {}
    }
  }, [timeline, hold])
  useLayoutEffect(() => {
    const { row, top } = held.current ?? {}
    held.current = null
    if (!row?.isConnected) return
    const moved = row.getBoundingClientRect().top - top!
    // A scroll of nothing would still end the one that is under way.
    if (Math.abs(moved) >= 1) scrollBy({ top: moved, behavior: 'instant' })
  })
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
  return { atTop, hold }
}

function firstInSight(list: HTMLElement): { row: Element; top: number } | null {
  for (const row of list.querySelectorAll('.row')) {
    const { top, bottom } = row.getBoundingClientRect()
    if (bottom > HEAD_PX) return { row, top }
  }
  return null
}
