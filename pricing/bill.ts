/**
 * The bill of a stage, as pure arithmetic over its resources: what it costs while nobody uses it, what a use costs, and what
 * cannot be said. Free tiers are left out: they belong to the account, which several stages share.
 */
import { Estate } from "./estate.ts";
import { COMPUTE } from "./families/compute.ts";
import { ENDPOINTS } from "./families/endpoints.ts";
import type { Family } from "./families/family.ts";
import { isFree, standsForTime } from "./families/listed.ts";
import { MACHINES } from "./families/machines.ts";
import { STANDING } from "./families/standing.ts";
import { Meter } from "./meter.ts";
import { type PriceTable, priceTable, usdPerUnit } from "./table.ts";
import type { Bill, Billed, Line, Unpriced, Usage } from "./types.ts";

const FAMILIES: readonly Family[] = [...ENDPOINTS, ...MACHINES, ...COMPUTE, ...STANDING];
const BY_TYPE: ReadonlyMap<string, Family> = new Map(
  FAMILIES.flatMap((family) => Object.keys(family.reads).map((type): [string, Family] => [type, family])),
);

/** Every type token that is metered, with the property paths that the bill reads of it. */
export const METERED: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  FAMILIES.flatMap((family) => Object.entries(family.reads)),
);

/** True for a resource of one of the two AWS providers: others, and components, cost nothing at AWS. */
export const isBilled = (type: string): boolean => /^aws(?:-native)?:/.test(type);

/**
 * The bill.
 *
 * @param resources all of them, of either provider; those of other providers are passed over
 * @param usage what is used in a month; what is not declared is 0
 * @param table prices; this project's by default
 */
export function bill(
  resources: readonly Billed[],
  usage: readonly Usage[] = [],
  table: PriceTable = priceTable(),
): Bill {
  const estate = new Estate(resources);
  const usages = new Usages(usage);
  const lines: Line[] = [];
  const unpriced: Unpriced[] = [];
  for (const resource of resources) {
    if (!isBilled(resource.type)) continue;
    const meter = new Meter(resource, table);
    const family = BY_TYPE.get(resource.type);
    if (family) family.meter(meter, estate);
    else if (!isFree(resource.type)) {
      const why = standsForTime(resource.type, resource.props);
      // Whoever knows its price gives it under the type itself.
      if (table.find(resource.region ?? "", resource.type))
        meter.always("resource", resource.type, 1, why !== undefined);
      else meter.unknown("resource", why ?? "the bill does not know this type", why !== undefined);
    }
    const closed = meter.close((name) => usages.of(resource, name));
    if (closed.line) lines.push(closed.line);
    unpriced.push(...closed.unpriced);
  }
  for (const { item, region, perMonth } of usages.ofNothing()) {
    const price = table.find(region, item);
    const at = { urn: "", type: item };
    if (!price) {
      unpriced.push({ ...at, what: "declared usage", why: `no price in ${region}`, kind: "use", byTime: false });
      continue;
    }
    const each = usdPerUnit(price);
    const use = { meter: item, unit: price.unit, usdPerUnit: each, quantity: perMonth, usdPerMonth: each * perMonth };
    lines.push({ ...at, what: "declared usage", idleUsdPerMonth: 0, byTime: false, perUse: [use] });
  }
  const totalIdle = sum(lines.map((line) => line.idleUsdPerMonth));
  const used = sum(lines.map(usedUsd));
  return { lines, totalIdle, totalWithUsage: totalIdle + used, unpriced, unmatched: usages.unmatched() };
}

/** What a line costs by its declared use. */
export const usedUsd = (line: Line): number => sum(line.perUse.map(({ usdPerMonth }) => usdPerMonth));

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

type OnResource = Extract<Usage, { on: string }>;
type OnItem = Extract<Usage, { item: string }>;

/** Declared usage, and who has claimed it. */
class Usages {
  readonly #all: readonly Usage[];
  readonly #byKey = new Map<string, OnResource[]>();
  readonly #claimed = new Set<Usage>();

  constructor(all: readonly Usage[]) {
    this.#all = all;
    for (const one of all) {
      if (!("on" in one)) continue;
      const key = `${one.on} ${one.meter}`;
      this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), one]);
    }
  }

  of({ urn }: Billed, meter: string): number {
    const name = urn.split("::").at(-1) ?? urn;
    const found = [...new Set([urn, name])].flatMap((key) => this.#byKey.get(`${key} ${meter}`) ?? []);
    for (const one of found) this.#claimed.add(one);
    return sum(found.map(({ perMonth }) => perMonth));
  }

  ofNothing(): readonly OnItem[] {
    return this.#all.filter((one): one is OnItem => "item" in one && !("on" in one));
  }

  unmatched(): readonly Usage[] {
    return this.#all.filter((one) => ("on" in one || !("item" in one)) && !this.#claimed.has(one));
  }
}
