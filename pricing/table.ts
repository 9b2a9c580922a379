/** Reads the price table. A region or an item without a price is an answer of its own, never a guess. */
import { AS_OF, PRICES } from "./prices.ts";
import type { Price } from "./types.ts";

/** Hours of a month, as AWS's own calculator counts them. */
export const HOURS = 730;
const DAY_MS = 86_400_000;

export interface PriceTable {
  /** The day on which the table was last compared with its sources, YYYY-MM-DD. */
  readonly asOf: string;
  /** Regions that have prices. */
  readonly regions: readonly string[];
  readonly prices: readonly Price[];
  find(region: string, item: string): Price | undefined;
}

/** The table of this project, or another one; later prices replace earlier ones of the same item and region. */
export function priceTable(prices: readonly Price[] = PRICES, asOf: string = AS_OF): PriceTable {
  const byKey = new Map(prices.map((price) => [`${price.region} ${price.item}`, price]));
  return {
    asOf,
    regions: [...new Set(prices.map(({ region }) => region))],
    prices: [...byKey.values()],
    find: (region, item) => byKey.get(`${region} ${item}`),
  };
}

/** This project's table, with prices of one's own beside or in place of its entries. */
export const tableWith = (own: readonly Price[]): PriceTable => priceTable([...PRICES, ...own]);

/** Whole days since the table was last compared; not a number where `asOf` is no date. */
export const ageInDays = (table: Pick<PriceTable, "asOf">, now: number): number =>
  Math.floor((now - Date.parse(`${table.asOf}T00:00:00Z`)) / DAY_MS);

/** US dollars for one unit. */
export const usdPerUnit = ({ usd, per }: Price): number => usd / per;

/** US dollars for one unit that stands a whole month; undefined where time passing is not what is paid for. */
export function usdPerMonth(price: Price): number | undefined {
  const one = usdPerUnit(price);
  if (price.unit === "hour") return one * HOURS;
  if (price.unit === "day") return (one * HOURS) / 24;
  if (price.unit === "month" || price.unit === "GB-month") return one;
  if (price.unit === "GB-second") return one * HOURS * 3600;
  return undefined;
}
