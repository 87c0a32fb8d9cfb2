/** Who this is, and what to know before anything else. */
import type { ComponentChildren } from 'preact'
import { t } from '../i18n/index.ts'
import { KeepButton } from '../offline/keep-button.tsx'
import { CustomerActions } from '../people/actions.tsx'
import { DoneNotice } from '../people/done-notice.tsx'
import { lastDone } from '../people/person-act.ts'
import { Icon, type IconName } from '../ui/icons.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import type { CustomerRecord } from './customer-record.ts'
import { titleOf } from './title.ts'

export function CustomerHead({ record }: { record: CustomerRecord }) {
  const card = record.card.value.value
  const texts = t.value
  if (!card) {
    return (
      <header class="customer-head">
        <p class="visually-hidden" role="status">
          {texts.loading}
        </p>
        <Skeleton lines={2} className="skeleton--head" />
      </header>
    )
  }
  const { name, externalRef, phoneEnding, status } = card
  const mergedFrom = card.mergedFrom ?? record.openedAs.value
  const done = lastDone.value?.customerId === record.id ? lastDone.value : null
  return (
    <header class="customer-head">
      <div class="customer-head__who">
        <h1 class="customer-head__name">{titleOf(card)}</h1>
        <p class="customer-head__facts">
          {status === 'blocked' && <span class="chip chip--blocked">{texts.statuses.blocked}</span>}
          {name && externalRef && <span>{texts.reference(externalRef)}</span>}
          {phoneEnding && <span>{texts.phoneEnding(phoneEnding)}</span>}
        </p>
      </div>
      <div class="customer-head__acts">
        <KeepButton customerId={record.id} />
        <CustomerActions record={record} />
      </div>
      {done && <DoneNotice done={done} />}
      {mergedFrom && done?.name !== 'merged' && (
        <Notice icon="merge" title={texts.mergedTitle}>
          {texts.mergedNote}
        </Notice>
      )}
      {status === 'blocked' && (
        <Notice icon="alert" warning>
          {texts.blockedNote}
        </Notice>
      )}
    </header>
  )
}

export function ErasedCustomer() {
  const texts = t.value
  return (
    <div class="customer customer--failed">
      <header class="customer-head">
        <h1 class="customer-head__name">{texts.erasedTitle}</h1>
        <Notice icon="lock">{texts.erasedNote}</Notice>
      </header>
      <a class="button" href="/">
        {texts.toSearch}
      </a>
    </div>
  )
}

interface NoticeProps {
  icon: IconName
  title?: string
  /** Nobody may overlook it. */
  warning?: boolean
  children: ComponentChildren
}

function Notice({ icon, title, warning = false, children }: NoticeProps) {
  return (
    <div class={`notice ${warning ? 'notice--warning' : ''}`} role="status">
      <Icon name={icon} />
      <p>
        {title && <strong>{title}. </strong>}
        {children}
      </p>
    </div>
  )
}
