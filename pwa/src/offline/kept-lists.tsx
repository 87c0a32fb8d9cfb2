/** The customers that this device knows, on the first screen: who was opened last, and who was chosen. */
import { titleOf } from '../customer/title.ts'
import { t } from '../i18n/index.ts'
import { customerPath } from '../router.ts'
import { Icon } from '../ui/icons.tsx'
import { currentVault } from '../vault/current.ts'
import { Age } from './age.tsx'
import { chosenCustomers, type KeptCustomer, viewedCustomers } from './kept-customers.ts'

/** As many as one remembers to have served. */
const RECENT = 8

export function KeptLists() {
  const texts = t.value
  const note = currentVault.value ? texts.offline.recentNote : texts.recentNote
  return (
    <>
      <List
        title={texts.recentTitle}
        note={note}
        customers={viewedCustomers.value.slice(0, RECENT)}
      />
      <List
        title={texts.offline.keptTitle}
        note={texts.offline.keptNote}
        customers={chosenCustomers.value}
      />
    </>
  )
}

interface ListProps {
  title: string
  note: string
  customers: readonly KeptCustomer[]
}

function List({ title, note, customers }: ListProps) {
  if (customers.length === 0) return null
  return (
    <section class="card">
      <h2 class="card__title">{title}</h2>
      <ul class="people">
        {customers.map(({ id, name, externalRef, checkedAt }) => (
          <li key={id}>
            <a class="person" href={customerPath(id)}>
              <Icon name="person" className="option__icon" />
              <span class="person__who">
                <span class="option__name">{titleOf({ name, externalRef })}</span>
                <Age at={checkedAt} />
              </span>
              {name && externalRef && <span class="option__ref">{externalRef}</span>}
              <Icon name="chevron" className="person__go" />
            </a>
          </li>
        ))}
      </ul>
      <p class="card__note">{note}</p>
    </section>
  )
}
