/** Every metric that is defined for some rows, each with its confidence interval. */
import type { Interval, MetricName, Metrics } from "../../contracts/evaluation.ts";
import { type Confusion, measureClasses } from "./classes.ts";
import type { Rows } from "./rows.ts";
import { measureValues } from "./values.ts";

export type Intervals = Partial<Record<MetricName, Interval>>;

export interface Measures {
  metrics: Metrics;
  intervals: Intervals;
  /** Of classifiers. */
  confusion?: Confusion;
}

/** @param z the quantile of the intervals' confidence, see `zOf` */
export function measure(rows: Rows, z: number): Measures {
  return rows.problem === "regression" ? measureValues(rows, z) : measureClasses(rows, z);
}
