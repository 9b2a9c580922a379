/** Collects what one resource costs. A family says what is paid for; here it meets the prices. */
import { Reader, type Seen, UNSEEN } from "./reader.ts";
import { type PriceTable, usdPerMonth, usdPerUnit } from "./table.ts";
import type { Billed, Line, PerUse, Unit, Unpriced } from "./types.ts";

/** A use that the table may have no price for. */
interface Metered {
  readonly meter: string;
  readonly item: string;
  readonly unit: Unit;
  readonly usdPerUnit: number | undefined;
}

const EVERYWHERE = "us-east-1";

export class Meter {
  readonly resource: Billed;
  readonly props: Reader;
  readonly uses: Metered[] = [];
  readonly #table: PriceTable;
  readonly #unpriced: Unpriced[] = [];
  readonly #what: string[] = [];
  #idle = 0;
  #byTime = false;

  constructor(resource: Billed, table: PriceTable) {
    this.resource = resource;
    this.props = new Reader(resource.props);
    this.#table = table;
  }

  /** Paid while it stands: `quantity` × the item's price for a month. Time passing is paid for where `byTime`. */
  always(what: string, item: string, quantity: Seen<number>, byTime: boolean): void {
    if (quantity === 0) return;
    if (quantity === undefined || quantity === UNSEEN) {
      this.unpriced(what, quantity === UNSEEN ? "how many is not known yet" : "how many is not written", byTime);
      return;
    }
    const price = this.#find(item);
    const each = typeof price === "string" ? undefined : usdPerMonth(price);
    if (each === undefined) {
      this.unpriced(what, typeof price === "string" ? price : `${item} is not priced by time`, byTime);
      return;
    }
    this.#what.push(quantity === 1 ? what : `${round(quantity)} × ${what}`);
    this.#idle += quantity * each;
    this.#byTime ||= byTime;
  }

  /** US dollars that one of the item costs a month; undefined without a price. */
  monthly(item: string): number | undefined {
    const price = this.#find(item);
    return typeof price === "string" ? undefined : usdPerMonth(price);
  }

  /** Paid when used. One unit of `meter` is `factor` units of the item. */
  perUse(meter: string, item: string, unit: Unit, factor: Seen<number> = 1): void {
    const price = this.#find(item);
    const each = typeof price === "string" || typeof factor !== "number" ? undefined : usdPerUnit(price) * factor;
    const taken = this.uses.filter((use) => use.meter === meter || use.meter.startsWith(`${meter}-`)).length;
    this.uses.push({ meter: taken === 0 ? meter : `${meter}-${taken + 1}`, item, unit, usdPerUnit: each });
  }

  /** Paid while it stands, and nobody can say how much. */
  unpriced(what: string, why: string, byTime: boolean): void {
    this.#byTime ||= byTime;
    this.#unpriced.push({ ...this.#name(), what, why, kind: "idle", byTime });
  }

  unknown(what: string, why: string, byTime: boolean): void {
    this.#unpriced.push({ ...this.#name(), what, why, kind: "unknown", byTime });
  }

  /** The line, once it is declared what is used in a month. */
  close(used: (meter: string) => number): { readonly line: Line | undefined; readonly unpriced: readonly Unpriced[] } {
    const unpriced = [...this.#unpriced];
    const perUse = this.uses.map(({ meter, item, unit, usdPerUnit: each }): PerUse => {
      const quantity = used(meter);
      if (each === undefined && quantity > 0) {
        unpriced.push({ ...this.#name(), what: meter, why: this.#why(item), kind: "use", byTime: false });
      }
      return { meter, unit, usdPerUnit: each, quantity, usdPerMonth: quantity * (each ?? 0) };
    });
    if (this.#what.length === 0 && perUse.length === 0) return { line: undefined, unpriced };
    const what = this.#what.join(", ") || "paid by use";
    return {
      line: { ...this.#name(), what, idleUsdPerMonth: this.#idle, byTime: this.#byTime, perUse },
      unpriced,
    };
  }

  #name() {
    return { urn: this.resource.urn, type: this.resource.type };
  }

  #find(item: string) {
    // Budgets have no region; their prices stand with the first one's.
    const region = item.startsWith("budgets.") ? EVERYWHERE : this.resource.region;
    if (region === undefined) return "its region is not known";
    if (!this.#table.regions.includes(region)) return `the price table has nothing for ${region}`;
    return this.#table.find(region, item) ?? `the price table has no ${item} in ${region}`;
  }

  #why(item: string): string {
    const price = this.#find(item);
    return typeof price === "string" ? price : "its size is not known yet";
  }
}

const round = (value: number): string => String(Math.round(value * 1000) / 1000);
