/**
 * What bench/app.ts has in the page. `stopwatch` times an interaction: from the time stamp of the next event of a type to
 * the first task after the frame that shows what it is to show. `vitals` are the load's, in milliseconds.
 */
globalThis.vitals = { lcp: 0, cls: 0, longTasks: [] }

const observe = (type, take) =>
  new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({
    type,
    buffered: true,
  })
observe('largest-contentful-paint', ({ startTime }) => {
  vitals.lcp = startTime
})
observe('layout-shift', ({ value, hadRecentInput }) => {
  if (!hadRecentInput) vitals.cls += value
})
observe('longtask', ({ startTime, duration }) => vitals.longTasks.push({ startTime, duration }))

const GIVE_UP_MS = 10_000

const one = (selector) => document.querySelector(selector)
const isOnScreen = (element) => {
  const { top, bottom } = element.getBoundingClientRect()
  return bottom > 0 && top < innerHeight
}

const SHOWN = {
  hits: (text) => one('[role=option]')?.textContent.includes(text),
  customer: (text) =>
    one('.customer-head__who')?.textContent.includes(text) && one('.row') && one('.worth__value'),
  /** The lower edge is neither empty nor a placeholder. */
  rows: () => {
    const isAtEnd = scrollY + innerHeight >= document.documentElement.scrollHeight - 1
    if (scrollY === stopwatch.from && !isAtEnd) return false
    const end = one('.timeline__end')
    if (end && isOnScreen(end)) return true
    const list = one('.timeline').getBoundingClientRect()
    const lowest = document.elementFromPoint(list.left + list.width / 2, innerHeight - 60)
    return lowest?.closest('.timeline') != null && !lowest.closest('.timeline__more')
  },
  returns: () => {
    const kinds = [...document.querySelectorAll('.row .type-icon')]
    return kinds.length > 0 && kinds.every((kind) => kind.classList.contains('tone-return'))
  },
  receipt: () => one('dialog[open] .line'),
  closed: () => !one('dialog[open]'),
}

globalThis.stopwatch = (event, what, argument) => {
  stopwatch.from = scrollY
  stopwatch.result = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`nothing to see after ${event}: ${what}`)), GIVE_UP_MS)
    const start = ({ timeStamp }) => {
      const look = () => {
        if (!SHOWN[what](argument)) requestAnimationFrame(look)
        else setTimeout(() => resolve(performance.now() - timeStamp))
      }
      requestAnimationFrame(look)
    }
    addEventListener(event, start, { capture: true, once: true, passive: true })
  })
}
