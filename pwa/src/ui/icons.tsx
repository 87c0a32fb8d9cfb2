/** Icons of 24 units, drawn with the text's colour. They say nothing that a word beside them does not. */

const PATHS = {
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM20 20l-4-4',
  person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20c.8-3.6 3.8-5.5 7.5-5.5s6.7 1.9 7.5 5.5',
  menu: 'M4 7h16M4 12h16M4 17h16',
  close: 'M6 6l12 12M18 6L6 18',
  sale: 'M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6',
  return: 'M9 7L4 12l5 5M4 12h11a5 5 0 0 1 0 10h-2',
  exchange: 'M4 8h14l-4-4M20 16H6l4 4',
  layaway: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4l3 2',
  order: 'M7 3v7a2 2 0 0 0 4 0V3M9 12v9M17 3c-2 1-3 3.5-3 6v4h3zM17 13v8',
  masked: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  printer: 'M7 9V4h10v5M7 17H4v-6a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v6h-3M7 14h10v6H7z',
  offline: 'M5 10.5a10.5 10.5 0 0 1 14 0M8 14a6 6 0 0 1 8 0M12 17.5h.01M4 4l16 16',
  keep: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  alert: 'M12 4l9 16H3zM12 10v4M12 17h.01',
  lock: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM6.5 6.500l11 11',
  merge: 'M6 4v4a6 6 0 0 0 6 6h6M14 10l4 4-4 4M6 20v-6',
  chevron: 'M9 6l6 6-6 6',
  download: 'M12 4v11M6.5 10.500l5.500 5.500 5.500-5.500M5 20h14',
  up: 'M12 19V5M6 11l6-6 6 6',
  minus: 'M6 12h12',
  plus: 'M6 12h12M12 6v12',
  settings: 'M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4',
  check: 'M5 12.500l4.5 4.500L19 7.5',
} as const

export type IconName = keyof typeof PATHS

export function Icon({ name, className = '' }: { name: IconName; className?: string }) {
  return (
    <svg class={`icon ${className}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  )
}
