/** What the bill is made from and made of. Money is in US dollars, a month is 730 hours. */

/** A resource of either provider, as plain data. What is no plain value in `props` counts as not known. */
export interface Billed {
  readonly urn: string;
  /** The provider's type token. */
  readonly type: string;
  readonly props: Readonly<Record<string, unknown>>;
  /** Where it lies; undefined when nothing says so, which is never taken for a default. */
  readonly region?: string;
  /** Property → URNs of the resources that its value is computed from: the way to a name not known yet. */
  readonly refs?: Readonly<Record<string, readonly string[]>>;
}

/** H: AWS's own list, or two sources that agree. M: one secondary source. L: by analogy. */
export type Confidence = "H" | "M" | "L";

/** What the price is of. `hour` and `day` are time that passes by itself; a month has 730 hours. */
export type Unit = "hour" | "day" | "month" | "second" | "GB" | "GB-month" | "GB-second" | "GB-hour" | "piece";

export interface Price {
  /** As the bill asks for it, such as `lambda.requests`. */
  readonly item: string;
  readonly region: string;
  /** US dollars for `per` units. */
  readonly usd: number;
  readonly per: number;
  readonly unit: Unit;
  readonly source: string;
  /** When the source said so: YYYY, YYYY-MM or YYYY-MM-DD. */
  readonly dated: string;
  readonly confidence: Confidence;
}

/** What is used in a month, declared by whoever knows. What is not declared is 0. */
export type Usage =
  | {
      /** URN or logical name of the resource. */
      readonly on: string;
      /** One of the meters of the resource's line, such as `requests`. */
      readonly meter: string;
      readonly perMonth: number;
    }
  | {
      /** An item of the price table that no resource stands for, such as hours of training. */
      readonly item: string;
      readonly region: string;
      readonly perMonth: number;
    };

export interface PerUse {
  readonly meter: string;
  readonly unit: Unit;
  /** Undefined where the table has no price: used, it is unpriced. */
  readonly usdPerUnit: number | undefined;
  /** Declared units a month. */
  readonly quantity: number;
  readonly usdPerMonth: number;
}

export interface Line {
  readonly urn: string;
  readonly type: string;
  /** What is paid for, in words. */
  readonly what: string;
  /** Paid even when nobody uses it. */
  readonly idleUsdPerMonth: number;
  /** True where time passing is what is paid for: machines, gateways, capacity kept ready. */
  readonly byTime: boolean;
  readonly perUse: readonly PerUse[];
}

/** What the bill cannot say. It is never counted as 0 in silence. */
export interface Unpriced {
  readonly urn: string;
  readonly type: string;
  readonly what: string;
  /** Why there is no price. */
  readonly why: string;
  /** `idle`: paid while it stands. `use`: paid when used, and use was declared. `unknown`: the bill does not know the type. */
  readonly kind: "idle" | "use" | "unknown";
  readonly byTime: boolean;
}

export interface Bill {
  readonly lines: readonly Line[];
  readonly totalIdle: number;
  /** Idle and declared usage. */
  readonly totalWithUsage: number;
  readonly unpriced: readonly Unpriced[];
  /** Declared usage of something that is not there. */
  readonly unmatched: readonly Usage[];
}
