/** The shape of what is coming. Screen readers are told once, by whoever shows it. */
export function Skeleton({ lines = 1, className = '' }: { lines?: number; className?: string }) {
  return (
    <div class={`skeleton ${className}`} aria-hidden="true">
      {Array.from({ length: lines }, (_, at) => (
        <span key={at} class="skeleton__line" />
      ))}
    </div>
  )
}
