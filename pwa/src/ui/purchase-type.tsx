/** A purchase's type, told by an icon, a word and a colour, of which any one is enough. */
import type { JSX } from 'preact'
import { Icon, type IconName } from './icons.tsx'

interface TypeOf {
  type?: string
  kind?: string
}

type Tone = 'sale' | 'return' | 'exchange' | 'layaway' | 'order' | 'masked'

export function toneOf({ type, kind }: TypeOf): Tone {
  if (kind === 'order' || type === 'dine_in' || type === 'takeaway' || type === 'delivery')
    return 'order'
  if (type === 'return' || type === 'exchange') return type
  return type === 'layaway_completion' ? 'layaway' : 'sale'
}

export function TypeIcon({ tone }: { tone: Tone }): JSX.Element {
  const name: IconName = tone
  return (
    <span class={`type-icon tone-${tone}`}>
      <Icon name={name} />
    </span>
  )
}
