/**
 * The ways in which files of this format write a date and time. Pure.
 *
 * `2010-12-01 08:26` says itself which number is what. A spreadsheet's export writes `1/12/2010 8:26` or `12/1/10 8:26`
 * as the language of the machine wants it, and only a day above 12 tells the two apart. So a file is read in one
 * order, which all of its dates must allow.
 */

/** Which of a date's numbers is the day, the month and the year. */
export type DateOrder = 'ymd' | 'dmy' | 'mdy'

const ORDERS: readonly DateOrder[] = ['ymd', 'dmy', 'mdy']

/** How a date of each order looks, for messages. */
export const DATE_FORMS: Record<DateOrder, string> = {
  ymd: 'YYYY-MM-DD HH:MM:SS',
  dmy: 'D/M/YYYY H:MM',
  mdy: 'M/D/YYYY H:MM',
}

const YEAR_FIRST = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})[ T](.*)$/
const YEAR_LAST = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2}) (.*)$/
const TIME = /^(\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([AP])M)?$/i

/**
 * The clock's time as if it were UTC, in ms, or null when the text is no date and time of that order, or the calendar
 * has no such day or time. A year of two digits is one of this century.
 */
export function wallClock(text: string, order: DateOrder): number | null {
  const date = (order === 'ymd' ? YEAR_FIRST : YEAR_LAST).exec(text)
  const time = date && timeOfDay(date[5]!)
  if (!date || time === null) return null
  const numbers = [date[1]!, date[3]!, date[4]!]
  const part = (name: 'y' | 'm' | 'd') => numbers[order.indexOf(name)]!
  const year = Number(part('y')) + (part('y').length === 2 ? 2000 : 0)
  const month = Number(part('m'))
  const day = Number(part('d'))
  if (year < 1900 || year > 2199) return null
  const midnight = new Date(Date.UTC(year, month - 1, day))
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return null
  return midnight.getTime() + time
}

/** The orders in which a text is a date and time: none, one, or two when its day and month may change places. */
export function ordersOf(text: string): DateOrder[] {
  return ORDERS.filter((order) => wallClock(text, order) !== null)
}

/** The ms since midnight, or null for what is no time of day. */
function timeOfDay(text: string): number | null {
  const [match, hours, minutes, seconds = '0', half] = TIME.exec(text) ?? []
  if (match === undefined) return null
  const hour = half ? (Number(hours) % 12) + (/p/i.test(half) ? 12 : 0) : Number(hours)
  if (half && (hours === '0' || hours === '00' || Number(hours) > 12)) return null
  if (hour > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null
  return ((hour * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
}
