/** Confidence intervals. Pure arithmetic: the same figures give the same bounds. */
import type { Interval } from "../../contracts/evaluation.ts";

/** The two-sided quantile of the normal distribution: 1.96 for a confidence of 0.95. */
export function zOf(confidence: number): number {
  return normalQuantile((1 + confidence) / 2);
}

/** Wichura's algorithm AS 241 (PPND16), upper half: relative error about 1e-16. */
function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (q <= 0.425) {
    const r = 0.180625 - q * q;
    const above = [
      2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513,
      133.14166789178438, 3.3871328727963665,
    ];
    const below = [
      5226.495278852546, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751,
      687.1870074920579, 42.31333070160091, 1,
    ];
    return (q * polynomial(above, r)) / polynomial(below, r);
  }
  const r = Math.sqrt(-Math.log(1 - p));
  if (r <= 5) {
    const above = [
      0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
      5.769497221460691, 4.630337846156546, 1.4234371107496835,
    ];
    const below = [
      1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
      1.6763848301838038, 2.053191626637759, 1,
    ];
    return polynomial(above, r - 1.6) / polynomial(below, r - 1.6);
  }
  const above = [
    2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487,
    1.7848265399172913, 5.463784911164114, 6.657904643501103,
  ];
  const below = [
    2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 0.0007868691311456133, 0.014875361290850615,
    0.1369298809227358, 0.599832206555888, 1,
  ];
  return polynomial(above, r - 5) / polynomial(below, r - 5);
}

/** Highest power first. */
function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}

/**
 * Wilson's interval of a share: never empty, never outside 0 to 1, and honest at 0 and 1, where the plain one has no width.
 *
 * @param trials of which `share` is one; need not be whole; none gives 0 to 1
 */
export function shareInterval(share: number, trials: number, z: number): Interval {
  if (!(trials > 1e-9)) return { low: 0, high: 1, standardError: 1 / (2 * z) };
  const square = (z * z) / trials;
  const centre = (share + square / 2) / (1 + square);
  const half = (z / (1 + square)) * Math.sqrt((share * (1 - share)) / trials + square / (4 * trials));
  const low = share === 0 ? 0 : clamp(centre - half, 0, share);
  const high = share === 1 ? 1 : clamp(centre + half, share, 1);
  const plain = Math.sqrt((share * (1 - share)) / trials);
  // Without a failure (or a success) the plain error is 0, which is no knowledge but its lack.
  return { low, high, standardError: plain > 0 ? plain : (high - low) / (2 * z) };
}

/**
 * Wilson's interval for a figure of 0 to 1 that is not a share of rows, from its standard error: as of a share of as many
 * trials as would give that error, but of no more than `most`. Near 1 standard errors are small by chance; no figure is
 * taken for surer than if each row had been a trial of its own.
 */
export function scoreInterval(value: number, standardError: number, most: number, z: number): Interval {
  const trials = standardError > 0 ? (value * (1 - value)) / standardError ** 2 : most;
  return shareInterval(clamp(value, 0, 1), Math.min(trials > 0 ? trials : most, most), z);
}

/** The interval of the mean of independent figures, from theirs (Zou and Donner's method of variance estimates recovery). */
export function meanInterval(parts: readonly { value: number; interval: Interval }[]): Interval {
  const length = (lengths: readonly number[]) => Math.hypot(...lengths) / parts.length;
  const mean = parts.reduce((sum, { value }) => sum + value, 0) / parts.length;
  return {
    low: mean - length(parts.map(({ value, interval }) => value - interval.low)),
    high: mean + length(parts.map(({ value, interval }) => interval.high - value)),
    standardError: length(parts.map(({ interval }) => interval.standardError)),
  };
}

/** The interval of a figure above 0 without an upper end, such as an error: symmetric in its logarithm. */
export function positiveInterval(value: number, standardError: number, z: number): Interval {
  if (!(value > 0)) return { low: value, high: value, standardError };
  const factor = Math.exp((z * standardError) / value);
  return { low: value / factor, high: Math.min(value * factor, Number.MAX_VALUE), standardError };
}

/** An interval at another confidence: each side as long as the normal distribution has it. */
export function scaleInterval(value: number, interval: Interval, factor: number): Interval {
  return {
    low: value - (value - interval.low) * factor,
    high: value + (interval.high - value) * factor,
    standardError: interval.standardError,
  };
}

/** The interval of `a.value − b.value`, the two measured independently (Zou and Donner, as above). */
export function differenceInterval(
  a: { value: number; interval: Interval },
  b: { value: number; interval: Interval },
): Interval {
  const difference = a.value - b.value;
  return {
    low: difference - Math.hypot(a.value - a.interval.low, b.interval.high - b.value),
    high: difference + Math.hypot(a.interval.high - a.value, b.value - b.interval.low),
    standardError: Math.hypot(a.interval.standardError, b.interval.standardError),
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
