/** What the chains sell, as plain lists: prices in minor units, one for each currency of the chain. */
import type { Range } from './chains.ts'

export interface ProductSpec {
  range: Range
  category: string
  name: string
  brand: string | null
  prices: Readonly<Record<string, number>>
  sizes: readonly string[]
  colors: readonly string[]
  /** Sold by the kilogram: quantities are grams on a scale, the price is that of a kilogram. */
  weighed: boolean
  /** Taxed as a thing rather than as food. */
  goods: boolean
}

/** Category → the category above it. */
export const CATEGORIES: Readonly<Record<Range, Readonly<Record<string, string>>>> = {
  fashion: {
    Knitwear: 'Clothing',
    Shirts: 'Clothing',
    Dresses: 'Clothing',
    Trousers: 'Clothing',
    Coats: 'Clothing',
    Shoes: 'Footwear',
    Socks: 'Footwear',
    Bags: 'Accessories',
    Scarves: 'Accessories',
  },
  menu: {
    Coffee: 'Drinks',
    Tea: 'Drinks',
    Breakfast: 'Kitchen',
    Lunch: 'Kitchen',
    Cakes: 'Kitchen',
  },
  market: {
    Beans: 'Provisions',
    Deli: 'Provisions',
    Pantry: 'Provisions',
    Brewing: 'Equipment',
  },
}

const LETTERS = ['S', 'M', 'L', 'XL']
const SHOES = ['37', '38', '39', '41', '43']
const ONE: readonly string[] = []

type FashionRow = [
  category: string,
  name: string,
  brand: string | null,
  gbp: number,
  eur: number,
  sizes: readonly string[],
  colors: string,
]

const FASHION_ROWS: FashionRow[] = [
  ['Knitwear', 'Lambswool crew neck', 'Finch', 5900, 6900, LETTERS, 'Navy Oatmeal Moss'],
  ['Socks', 'Ribbed ankle socks', 'Finch', 650, 750, ['35-38', '39-42', '43-46'], 'Ecru Rust Ink'],
  ['Shirts', 'Linen shirt', 'Marlowe', 4500, 5200, LETTERS, 'White Sky'],
  ['Trousers', 'Pleated wool trousers', 'Marlowe', 7900, 8900, LETTERS, 'Charcoal Camel'],
  ['Scarves', 'Merino scarf', 'Finch', 3200, 3700, ONE, 'Ochre Plum Slate'],
  ['Dresses', 'Wrap dress, printed viscose', 'Marlowe', 6800, 7900, LETTERS, 'Indigo Poppy'],
  ['Coats', 'Waxed field coat', 'Harrow Mill', 18900, 21900, LETTERS, 'Olive Black'],
  ['Shoes', 'Leather Chelsea boots', 'Harrow Mill', 13500, 15500, SHOES, 'Tan Black'],
  ['Bags', 'Canvas tote', null, 1800, 2200, ONE, 'Natural Black'],
  ['Knitwear', 'Cable-knit cardigan', 'Finch', 7200, 8400, LETTERS, 'Ecru Forest'],
  ['Knitwear', 'Fine-gauge roll neck', 'Finch', 4900, 5700, LETTERS, 'Black Claret'],
  ['Shirts', 'Oxford shirt', 'Marlowe', 3900, 4500, LETTERS, 'White Blue Pink'],
  ['Shirts', 'Brushed flannel shirt', 'Harrow Mill', 4200, 4900, LETTERS, 'Rust Pine'],
  ['Shirts', 'Breton top', 'Marlowe', 2800, 3200, LETTERS, 'Navy Red'],
  ['Dresses', 'Corduroy pinafore', 'Marlowe', 5500, 6400, LETTERS, 'Tobacco Teal'],
  ['Dresses', 'Silk-blend slip dress', 'Marlowe', 9800, 11500, LETTERS, 'Champagne Ink'],
  ['Trousers', 'Straight-leg selvedge jeans', 'Harrow Mill', 8500, 9800, LETTERS, 'Indigo'],
  ['Trousers', 'Chore trousers', 'Harrow Mill', 5600, 6500, LETTERS, 'Ecru Olive'],
  ['Trousers', 'Linen shorts', 'Marlowe', 3400, 3900, LETTERS, 'Sand Navy'],
  ['Coats', 'Duffle coat', 'Finch', 16500, 18900, LETTERS, 'Navy Camel'],
  [
    'Coats',
    'Quilted liner jacket with removable hood, two-way zip and recycled down-alternative filling',
    'Harrow Mill',
    9900,
    11500,
    LETTERS,
    'Moss',
  ],
  ['Shoes', 'Suede desert boots', 'Harrow Mill', 9500, 10900, SHOES, 'Sand Slate'],
  ['Shoes', 'Canvas plimsolls', null, 3500, 3900, SHOES, 'White Navy'],
  ['Socks', 'Boot socks, wool', 'Finch', 1200, 1400, ['35-38', '39-42', '43-46'], 'Grey Moss'],
  ['Bags', 'Leather satchel', 'Harrow Mill', 14500, 16900, ONE, 'Tan Oxblood'],
  ['Scarves', 'Silk square', 'Marlowe', 4500, 5200, ONE, 'Garden Harbour'],
  ['Scarves', 'Beanie', 'Finch', 1900, 2200, ONE, 'Ochre Black Ecru'],
]

type FoodRow = [
  range: 'menu' | 'market',
  category: string,
  name: string,
  usd: number,
  jpy: number,
  extra?: { sizes?: string[]; weighed?: true; goods?: true; brand?: string },
]

const LARGE = { sizes: ['Regular', 'Large'] }
const SCALE = { weighed: true } as const
const THING = { goods: true } as const

const FOOD_ROWS: FoodRow[] = [
  ['menu', 'Coffee', 'Flat white', 475, 580, LARGE],
  ['menu', 'Breakfast', 'Sourdough, soft eggs', 1250, 1380],
  ['menu', 'Tea', 'Hōjicha (ほうじ茶)', 450, 520],
  ['menu', 'Cakes', 'Yuzu cheesecake', 825, 780],
  ['menu', 'Lunch', 'Egg salad sando (たまごサンド)', 1150, 980],
  ['market', 'Beans', 'Sumatra, loose', 3890, 4800, { ...SCALE, brand: 'Two Herons' }],
  ['market', 'Deli', 'Marinated olives', 2640, 3900, SCALE],
  ['market', 'Pantry', 'Buckwheat honey 340 g', 1400, 1650],
  ['market', 'Brewing', 'Porcelain dripper', 3200, 3300, { ...THING, brand: 'Aoike' }],
  ['menu', 'Coffee', 'Espresso', 350, 420],
  ['menu', 'Coffee', 'Cappuccino', 495, 600, LARGE],
  ['menu', 'Coffee', 'Cold brew', 525, 620, LARGE],
  ['menu', 'Coffee', 'Cortado', 450, 550],
  ['menu', 'Coffee', 'Oat milk latte', 595, 680, LARGE],
  ['menu', 'Coffee', 'Pour-over of the day (本日のハンドドリップ)', 600, 750],
  ['menu', 'Tea', 'Matcha latte (抹茶ラテ)', 625, 680, LARGE],
  ['menu', 'Tea', 'Masala chai', 525, 640, LARGE],
  ['menu', 'Tea', 'Sencha pot (煎茶)', 550, 600],
  ['menu', 'Breakfast', 'Granola, stewed plums', 1050, 1180],
  ['menu', 'Breakfast', 'Buttermilk pancakes', 1450, 1480],
  ['menu', 'Breakfast', 'Rice, miso, grilled salmon (焼き鮭朝食)', 1650, 1450],
  ['menu', 'Lunch', 'Chicken pozole', 1595, 1580],
  ['menu', 'Lunch', 'Squash and farro bowl', 1475, 1420],
  ['menu', 'Lunch', 'Curry rice (カレーライス)', 1350, 1180],
  ['menu', 'Lunch', 'Grilled cheese, tomato soup', 1395, 1350],
  ['menu', 'Cakes', 'Cardamom bun', 495, 480],
  ['menu', 'Cakes', 'Banana bread', 475, 450],
  ['menu', 'Cakes', 'Purin (プリン)', 650, 580],
  ['market', 'Beans', 'Heron blend 250 g', 1650, 1800, { brand: 'Two Herons' }],
  ['market', 'Beans', 'Ethiopia Guji, loose', 4450, 5600, { ...SCALE, brand: 'Two Herons' }],
  ['market', 'Deli', 'Aged gouda', 3980, 5200, SCALE],
  ['market', 'Deli', 'Smoked ham, sliced', 4200, 4600, SCALE],
  ['market', 'Deli', 'Pickled radish (たくあん)', 1850, 1900, SCALE],
  ['market', 'Pantry', 'Stone-ground mustard', 850, 920],
  ['market', 'Pantry', 'Olive oil 500 ml', 2400, 2980],
  ['market', 'Pantry', 'Soba, dried (乾そば)', 650, 480],
  ['market', 'Brewing', 'Paper filters, 100', 750, 680, THING],
  ['market', 'Brewing', 'Hand grinder', 8900, 9800, { ...THING, brand: 'Kiso' }],
  ['market', 'Brewing', 'Travel cup 340 ml', 2600, 2900, { ...THING, sizes: ['S', 'L'] }],
]

/** A larger size costs this much more. */
export const SIZE_SURCHARGE: Readonly<Record<string, number>> = { USD: 75, JPY: 80 }

export const FASHION_PRODUCTS: readonly ProductSpec[] = FASHION_ROWS.map(
  ([category, name, brand, GBP, EUR, sizes, colors]) => ({
    range: 'fashion',
    category,
    name,
    brand,
    prices: { GBP, EUR },
    sizes,
    colors: colors.split(' '),
    weighed: false,
    goods: true,
  }),
)

export const FOOD_PRODUCTS: readonly ProductSpec[] = FOOD_ROWS.map(
  ([range, category, name, USD, JPY, extra = {}]) => ({
    range,
    category,
    name,
    brand: extra.brand ?? null,
    prices: { USD, JPY },
    sizes: extra.sizes ?? ONE,
    colors: [],
    weighed: extra.weighed ?? false,
    goods: extra.goods ?? false,
  }),
)
