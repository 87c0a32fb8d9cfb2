/** Where a customer or a receipt is shown: that something about it is not finished yet. */
import { t } from '../i18n/index.ts'
import { OUTBOX_PATH } from '../router.ts'
import { Icon } from '../ui/icons.tsx'
import { unsettledOf } from './state.ts'

interface UnsettledNoticeProps {
  /** The id of the customer, or of the purchase. */
  of: string
}

export function UnsettledNotice({ of }: UnsettledNoticeProps) {
  const unsettled = unsettledOf(of)
  if (unsettled.length === 0) return null
  const texts = t.value.outbox
  const isReturn = unsettled.some(({ command }) => command.name === 'return')
  return (
    <div class="notice unsettled" role="status">
      <Icon name="alert" />
      <p>{isReturn ? texts.noticeReturn : texts.notice(unsettled.length)}</p>
      <a class="text-button" href={OUTBOX_PATH}>
        {texts.noticeLink}
      </a>
    </div>
  )
}
