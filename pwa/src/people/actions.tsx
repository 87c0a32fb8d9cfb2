/** What may be done about a customer: one button and its list. There is none where the role may do nothing of it. */
import { useEffect, useRef } from 'preact/hooks'
import type { CustomerRecord } from '../customer/customer-record.ts'
import { t } from '../i18n/index.ts'
import { may } from '../session/session.ts'
import { FailedDialog } from '../ui/failed-dialog.tsx'
import { Icon } from '../ui/icons.tsx'
import { lazy } from '../ui/lazy.tsx'
import { OFFERED, personAct } from './person-act.ts'

const ActDialog = lazy(
  () => import('./act-dialog.tsx').then((module) => module.ActDialog),
  FailedDialog,
)

export function CustomerActions({ record }: { record: CustomerRecord }) {
  const list = useRef<HTMLDivElement>(null)
  const texts = t.value.people
  const offered = OFFERED.filter(({ permission }) => may(permission))
  // What was begun about one customer does not go on about the next.
  useEffect(() => close, [record])
  if (offered.length === 0) return null
  return (
    <>
      <button type="button" class="button" popovertarget="customer-actions">
        {texts.actions}
        <Icon name="chevron" className="actions__open" />
      </button>
      <div ref={list} id="customer-actions" popover="auto" class="actions">
        <ul>
          {offered.map(({ name, icon }, at) => (
            <li key={name}>
              <button
                type="button"
                class={`actions__act actions__act--${name}`}
                autofocus={at === 0}
                onClick={() => {
                  // The focus goes back to the button that opened the list, and the dialog takes it from there.
                  list.current!.hidePopover()
                  personAct.value = { name }
                }}
              >
                <Icon name={icon} />
                {texts.offered[name]}
              </button>
            </li>
          ))}
        </ul>
      </div>
      {personAct.value && <ActDialog act={personAct.value} record={record} onClose={close} />}
    </>
  )
}

function close(): void {
  personAct.value = null
}
