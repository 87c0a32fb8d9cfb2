/**
 * The demo's two chains as they are before anyone buys anything: where they trade, in which
 * currency, on whose clock, and what the state takes. All of it is invented.
 */
import type { Culture, PhonePlan } from './people.ts'

/** What a location sells. A `menu` is served in a restaurant, the others are shops. */
export type Range = 'fashion' | 'menu' | 'market'

/** Parts of 100,000 that are added to a price; 0 where the shelf price has the tax inside. */
interface TaxRates {
  dineIn: number
  takeaway: number
  food: number
  goods: number
}

interface RegionSpec {
  name: string
  phone: PhonePlan
  /** Who lives there, with weights. */
  cultures: readonly (readonly [Culture, number])[]
}

export interface LocationSpec {
  /** Starts the receipt numbers. */
  code: string
  name: string
  region: string
  timezone: string
  currency: string
  range: Range
  /** Hours since midnight on the local clock. */
  opens: number
  closes: number
  /** Its share of the chain's trade. */
  share: number
  tax: TaxRates
  /** Also part of the tiny demo. */
  tiny?: true
}

export interface ChainSpec {
  name: string
  skuPrefix: string
  defaultCurrency: string
  timezone: string
  regions: readonly RegionSpec[]
  locations: readonly LocationSpec[]
}

const INCLUDED: TaxRates = { dineIn: 0, takeaway: 0, food: 0, goods: 0 }
const NEW_YORK: TaxRates = { dineIn: 8875, takeaway: 8875, food: 0, goods: 8875 }
const BOSTON: TaxRates = { dineIn: 7000, takeaway: 7000, food: 0, goods: 6250 }
const LOS_ANGELES: TaxRates = { dineIn: 9500, takeaway: 9500, food: 0, goods: 9500 }
const JAPAN: TaxRates = { dineIn: 10_000, takeaway: 8000, food: 8000, goods: 10_000 }

export const FASHION: ChainSpec = {
  name: 'Marlowe & Finch',
  skuPrefix: 'MF',
  defaultCurrency: 'GBP',
  timezone: 'Europe/London',
  regions: [
    {
      name: 'United Kingdom',
      phone: 'uk',
      cultures: [
        ['british', 6],
        ['southAsian', 3],
        ['westAfrican', 2],
        ['polish', 1],
        ['chinese', 1],
        ['caribbean', 1],
      ],
    },
    {
      name: 'Ireland',
      phone: 'ireland',
      cultures: [
        ['irish', 6],
        ['polish', 2],
        ['westAfrican', 1],
        ['brazilian', 1],
      ],
    },
    {
      name: 'France',
      phone: 'france',
      cultures: [
        ['french', 6],
        ['maghrebi', 3],
        ['westAfrican', 1],
        ['vietnamese', 1],
      ],
    },
    {
      name: 'Germany',
      phone: 'germany',
      cultures: [
        ['german', 6],
        ['turkish', 3],
        ['polish', 1],
        ['vietnamese', 1],
      ],
    },
  ],
  locations: [
    shop('LDN', 'London, Neal Street', 'United Kingdom', 'Europe/London', 'GBP', 5, true),
    shop('MAN', 'Manchester, King Street', 'United Kingdom', 'Europe/London', 'GBP', 3),
    shop('EDI', 'Edinburgh, Thistle Lane', 'United Kingdom', 'Europe/London', 'GBP', 2),
    shop('DUB', 'Dublin, Drury Street', 'Ireland', 'Europe/Dublin', 'EUR', 2, true),
    shop('PAR', 'Paris, rue de Charonne', 'France', 'Europe/Paris', 'EUR', 3),
    shop('LYS', 'Lyon, rue Mercière', 'France', 'Europe/Paris', 'EUR', 1),
    shop('BER', 'Berlin, Kastanienallee', 'Germany', 'Europe/Berlin', 'EUR', 2),
    shop('HAM', 'Hamburg, Lange Reihe', 'Germany', 'Europe/Berlin', 'EUR', 1),
  ],
}

export const FOOD: ChainSpec = {
  name: 'Two Herons',
  skuPrefix: 'TH',
  defaultCurrency: 'USD',
  timezone: 'America/New_York',
  regions: [
    {
      name: 'US East',
      phone: 'usEast',
      cultures: [
        ['american', 5],
        ['latino', 3],
        ['korean', 1],
        ['southAsian', 1],
        ['caribbean', 1],
        ['ethiopian', 1],
      ],
    },
    {
      name: 'US West',
      phone: 'usWest',
      cultures: [
        ['american', 4],
        ['latino', 3],
        ['chinese', 2],
        ['korean', 1],
        ['hawaiian', 1],
        ['persian', 1],
      ],
    },
    {
      name: 'Japan',
      phone: 'japan',
      cultures: [
        ['japanese', 9],
        ['korean', 1],
        ['brazilian', 1],
      ],
    },
  ],
  locations: [
    cafe('NYC', 'New York, Bleecker Street', 'US East', 'America/New_York', NEW_YORK, 4, true),
    market('NYM', 'New York, Market Hall', 'US East', 'America/New_York', NEW_YORK, 2, true),
    cafe('BOS', 'Boston, Marsh Street', 'US East', 'America/New_York', BOSTON, 2),
    cafe('LAX', 'Los Angeles, Silver Lake', 'US West', 'America/Los_Angeles', LOS_ANGELES, 3),
    market('PDX', 'Portland, Alder Street', 'US West', 'America/Los_Angeles', INCLUDED, 1),
    cafe('YNK', 'Tokyo, Yanaka (谷中店)', 'Japan', 'Asia/Tokyo', JAPAN, 3, true),
    market('KRM', 'Tokyo, Kuramae (蔵前焙煎所)', 'Japan', 'Asia/Tokyo', JAPAN, 1),
    cafe('KYO', 'Kyoto, Demachi (出町店)', 'Japan', 'Asia/Tokyo', JAPAN, 1),
  ],
}

function shop(
  code: string,
  name: string,
  region: string,
  timezone: string,
  currency: string,
  share: number,
  tiny?: true,
): LocationSpec {
  const hours = { opens: 10, closes: 19 }
  const spec = { code, name, region, timezone, currency, share, tax: INCLUDED, ...hours }
  return { ...spec, range: 'fashion', ...(tiny && { tiny }) }
}

function cafe(...args: FoodArguments): LocationSpec {
  return { ...foodLocation(...args), range: 'menu', opens: 7, closes: 21 }
}

function market(...args: FoodArguments): LocationSpec {
  return { ...foodLocation(...args), range: 'market', opens: 9, closes: 20 }
}

type FoodArguments = [
  code: string,
  name: string,
  region: string,
  timezone: string,
  tax: TaxRates,
  share: number,
  tiny?: true,
]

function foodLocation(...[code, name, region, timezone, tax, share, tiny]: FoodArguments) {
  const currency = region === 'Japan' ? 'JPY' : 'USD'
  return { code, name, region, timezone, currency, tax, share, ...(tiny && { tiny }) }
}
