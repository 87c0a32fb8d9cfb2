/** Who looked at this customer, under whatever id, and what they did. */
import { useEffect, useMemo } from 'preact/hooks'
import type { CustomerRecord } from '../customer/customer-record.ts'
import { DEVICE_ZONE, formatFullMoment } from '../format/dates.ts'
import { t } from '../i18n/index.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Problem } from '../ui/problem.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { Accesses, type Visit } from './accesses.ts'

interface AccessesDialogProps {
  record: CustomerRecord
  onClose: () => void
}

export function AccessesDialog({ record, onClose }: AccessesDialogProps) {
  const accesses = useMemo(() => new Accesses(record.id), [record.id])
  useEffect(() => void accesses.loadMore(), [accesses])
  const texts = t.value.people
  const visits = accesses.visits.value
  const failure = accesses.failure.value
  return (
    <Dialog title={texts.accessesTitle} onClose={onClose}>
      <p class="act-note">{texts.accessesNote}</p>
      {visits?.length === 0 && <p>{texts.noAccesses}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it is long, and has nothing else that the keys could scroll it by */}
      <ol class="visits" tabIndex={0} aria-busy={accesses.loading.value}>
        {visits?.map((visit) => (
          <Entry key={`${visit.at} ${visit.actions[0]}`} visit={visit} />
        ))}
      </ol>
      {!visits && !failure && <Skeleton lines={4} className="skeleton--rows" />}
      {failure && <Problem failure={failure} onRetry={() => void accesses.loadMore()} compact />}
      {visits && !failure && !accesses.complete.value && (
        <button
          type="button"
          class="button button--wide"
          disabled={accesses.loading.value}
          onClick={() => void accesses.loadMore()}
        >
          {accesses.loading.value ? `${t.value.loading} …` : t.value.loadMore}
        </button>
      )}
    </Dialog>
  )
}

function Entry({ visit: { employee, role, at, outcome, actions } }: { visit: Visit }) {
  const texts = t.value
  const { accessActions, outcomes, refusedAccess, aService, formerEmployee } = texts.people
  const who = employee ? (employee.name ?? formerEmployee) : aService
  const words = new Set(actions.map((action) => accessActions[action] ?? action))
  const note = outcome === 'done' ? null : (outcomes[outcome] ?? refusedAccess)
  return (
    <li class="visit">
      <p class="visit__who">
        {who} <span class="visit__role">{texts.roles[role] ?? role}</span>
      </p>
      <p class="visit__when">{formatFullMoment(at, DEVICE_ZONE)}</p>
      <p class="visit__what">
        {[...words].join(', ')}
        {note && <span class="chip chip--parked visit__note">{note}</span>}
      </p>
    </li>
  )
}
