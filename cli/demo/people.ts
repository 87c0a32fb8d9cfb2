/**
 * Invented people. Names are drawn part by part from what is common where a chain trades; a name
 * that belongs to someone does so by chance. Telephone numbers come from ranges that no one can be
 * reached at, mail addresses from the domains that RFC 2606 keeps for examples.
 */
import type { Random } from './random.ts'

export interface Contact {
  name: string
  phone: string | null
  email: string | null
}

interface NamePool {
  given: readonly string[]
  family: readonly string[]
  familyFirst?: true
  /** Latin letters for the mail address, where the name is written in others. */
  latin?: Readonly<Record<string, string>>
}

const pool = (given: string, family: string): NamePool => ({
  given: given.split(' '),
  family: family.split(' '),
})

/** `漢字=romaji` pairs, family name ahead of the given one, as written there. */
const scriptPool = (given: string, family: string): NamePool => {
  const pairs = [...given.split(' '), ...family.split(' ')].map((pair) => pair.split('='))
  const names = (list: string) => list.split(' ').map((pair) => pair.split('=')[0]!)
  return {
    given: names(given),
    family: names(family),
    familyFirst: true,
    latin: Object.fromEntries(pairs),
  }
}

const POOLS = {
  british: pool(
    'Harriet Oliver Beatrice Callum Imogen Rhys Florence Angus Nia Rupert Elspeth Toby',
    'Pemberton Ashdown MacAllister Thornbury Llewellyn Fairclough Hargreaves Winslow Sinclair Penhaligon',
  ),
  irish: pool(
    'Aoife Cillian Niamh Oisín Saoirse Darragh Gráinne Fionn Róisín Tadhg',
    "O'Sullivan Ní·Bhriain Gallagher O'Dowd Kavanagh Mac·Giolla Brennan Fitzgibbon",
  ),
  french: pool(
    'Camille Étienne Margaux Théo Solène Gaël Anaïs Rémi Léonie Jean-Baptiste',
    'Lefèvre Dubreuil Garnier Moreau-Tessier Chauvin Béranger Delacourt Rousselin',
  ),
  german: pool(
    'Annika Jürgen Greta Matthias Käthe Jonas Liesel Torben Ulrike Björn',
    'Großmann Schäfer Brückner Vogelsang Lindemann Weiß Oberländer Kühn',
  ),
  polish: pool(
    'Agnieszka Paweł Zofia Krzysztof Małgorzata Łukasz Hanna Bartosz',
    'Nowak Kowalczyk Zając Mazur Wróbel Wójcik Kaczmarek',
  ),
  turkish: pool(
    'Elif Mehmet Zeynep Emre Ayşe Çağlar Defne Oğuz',
    'Yıldırım Şahin Öztürk Kaplan Çelik Güneş Aydın',
  ),
  maghrebi: pool(
    'Yasmine Karim Leïla Sofiane Nour Mehdi Amina Rachid',
    'Benali El·Amrani Haddad Bouzid Cherif Ziani Tazi',
  ),
  westAfrican: pool(
    'Adaeze Kwame Folasade Chinedu Ama Babajide Ngozi Kofi Ifeoma Sékou',
    'Okonkwo Mensah Adeyemi Boateng Diallo Nwachukwu Owusu Bankole',
  ),
  ethiopian: pool(
    'Selam Dawit Hirut Yonas Meseret Bereket',
    'Tesfaye Alemu Gebremariam Haile Bekele',
  ),
  caribbean: pool(
    'Shanelle Delroy Marcia Winston Kadeem Joelle',
    'Baptiste Campbell-Reid Joseph Alleyne Grant Beckford',
  ),
  southAsian: pool(
    'Priya Arjun Ananya Imran Meera Rohan Fatima Vikram Sana Tharindu',
    'Raghunathan Chowdhury Patel Iyer Siddiqui Banerjee Perera Kaur',
  ),
  persian: pool('Shirin Dariush Nasrin Kaveh Laleh Arash', 'Farahani Rostami Golestan Moradi'),
  american: pool(
    'Harper Mason Delilah Wyatt Savannah Elijah Josephine Caleb Willa DeShawn Tallulah Theodore',
    'Whitaker Callahan Brooks Lindqvist Washington Hollis Merriweather Kowalski Begay Tate',
  ),
  latino: pool(
    'Ximena Mateo Guadalupe Joaquín Valentina Andrés Itzel Ramón',
    'Hernández Ybarra Castellanos Ortega Quiñones Zamora De·la·Cruz',
  ),
  brazilian: pool(
    'Thaís João Larissa Caetano Beatriz Tomé',
    'Gonçalves Figueiredo da·Conceição Araújo Siqueira',
  ),
  hawaiian: pool('Kealani Makoa Leilani Keoni', "Kahananui Kealoha Ka'anoi Mahoe"),
  vietnamese: pool('Minh-Anh Quốc Thảo Đức Linh Bảo', 'Nguyễn Trần Phạm Đặng Huỳnh'),
  chinese: scriptPool(
    '美玲=meiling 志強=zhiqiang 佳怡=jiayi 浩然=haoran 欣妍=xinyan 子軒=zixuan',
    '陳=chen 王=wang 林=lin 黃=huang 歐陽=ouyang',
  ),
  korean: scriptPool(
    '서연=seoyeon 민준=minjun 지우=jiwoo 도윤=doyun 하은=haeun 준호=junho',
    '김=kim 이=lee 박=park 최=choi 남궁=namgung',
  ),
  japanese: scriptPool(
    '花子=hanako 陽翔=haruto 美咲=misaki 健太=kenta さくら=sakura 悠真=yuma 千尋=chihiro 蓮=ren',
    '山田=yamada 佐々木=sasaki 小林=kobayashi 渡邉=watanabe 長谷川=hasegawa 五十嵐=igarashi 林=hayashi',
  ),
} satisfies Record<string, NamePool>

export type Culture = keyof typeof POOLS

/** Names that no screen should cut off, lose a letter of, or take for a mistake. */
export const UNUSUAL_NAMES: readonly string[] = [
  'María de los Ángeles Fernández-Villaverde y Álvarez de Toledo Ruiz-Giménez',
  'Priyadarshini Venkatanarasimharajuvaripeta-Krishnamoorthy Balasubramaniam',
  'Sir Peregrine Algernon Featherstonehaugh-Cholmondeley of Upper Wensleydale III',
  'Keihanaikukauakahihuliheekahaunaele Kaanaana-Kealoha',
  'O',
  'Ng',
]

/** Where a region's numbers come from. */
export type PhonePlan = keyof typeof PHONES

const two = (n: number) => String(n).padStart(2, '0')
const digits = (random: Random, count: number) =>
  Array.from({ length: count }, () => random.int(0, 9)).join('')

const PHONES = {
  // Ofcom's mobile range for drama.
  uk: (random: Random) => `+44 7700 900${digits(random, 3)}`,
  // ComReg keeps 020 91x for drama.
  ireland: (random: Random) => `+353 20 91${random.int(0, 9)} ${digits(random, 4)}`,
  // Arcep keeps 06 39 98 for audiovisual works.
  france: (random: Random) => `+33 6 39 98 ${digits(random, 2)} ${digits(random, 2)}`,
  // The Bundesnetzagentur keeps 0176 040690xx for media.
  germany: (random: Random) => `+49 176 040690${two(random.int(0, 99))}`,
  // 555-0100 to 555-0199 are kept in every area code.
  usEast: (random: Random) => `+1 ${random.pick(['212', '617', '718'])}-555-01${digits(random, 2)}`,
  usWest: (random: Random) => `+1 ${random.pick(['213', '323', '503'])}-555-01${digits(random, 2)}`,
  // Japan keeps none; a subscriber's part with a leading 0 is never assigned.
  japan: (random: Random) => `+81 90-0${digits(random, 3)}-${digits(random, 4)}`,
}

/** A name of that culture, and its letters for a mail address. */
export function nameOf(random: Random, culture: Culture): { name: string; handle: string } {
  const { given, family, familyFirst, latin } = POOLS[culture] as NamePool
  // A middle dot stands for a space inside a name.
  const parts = [random.pick(given), random.pick(family)].map((part) => part.replace(/·/g, ' '))
  const [first, last] = parts as [string, string]
  return {
    name: familyFirst ? `${last} ${first}` : `${first} ${last}`,
    handle: `${asciiOf(latin?.[first] ?? first)}.${asciiOf(latin?.[last] ?? last)}`,
  }
}

/** A person of that culture; `serial` keeps mail addresses apart. */
export function personOf(
  random: Random,
  culture: Culture,
  plan: PhonePlan,
  serial: number,
): Contact {
  const { name, handle } = nameOf(random, culture)
  const domain = random.pick(['example.com', 'example.org', 'example.net'])
  return {
    name,
    phone: random.chance(0.85) ? PHONES[plan](random) : null,
    email: random.chance(0.75) ? `${handle}${serial}@${domain}` : null,
  }
}

const UNFOLDED: Readonly<Record<string, string>> = { ß: 'ss', ł: 'l', đ: 'd', ı: 'i', ø: 'o' }

function asciiOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[ßłđıø]/g, (letter) => UNFOLDED[letter]!)
    .normalize('NFD')
    .replace(/[^a-z0-9]/g, '')
}
