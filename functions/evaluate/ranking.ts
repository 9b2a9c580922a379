/** The area under the ROC curve, with DeLong's standard error. */

export interface Area {
  /** The share of (positive, negative) pairs ranked rightly; a tie counts half. */
  readonly area: number;
  readonly standardError: number;
}

/** Scores of both kinds of rows, each sorted. */
export interface Split {
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
}

/** One class against the rest. */
export function split(
  labels: Uint16Array,
  positive: number,
  scores: Float64Array,
  width = 1,
  offset = 0,
): Split | undefined {
  let count = 0;
  for (const label of labels) if (label === positive) count++;
  if (count === 0 || count === labels.length) return undefined;
  const positives = new Float64Array(count);
  const negatives = new Float64Array(labels.length - count);
  let p = 0;
  let n = 0;
  for (let row = 0; row < labels.length; row++) {
    const score = scores[row * width + offset] ?? 0;
    if (labels[row] === positive) positives[p++] = score;
    else negatives[n++] = score;
  }
  return { positives: positives.sort(), negatives: negatives.sort() };
}

/**
 * The area, exactly: every intermediate value is a whole number. Its standard error is that of DeLong, DeLong and
 * Clarke-Pearson (1988): from how much the area of each single positive, and of each single negative, differs.
 */
export function areaOf({ positives, negatives }: Split): Area {
  const [m, n] = [positives.length, negatives.length];
  let halves = 0;
  eachScore(positives, negatives, (tiedPositives, tiedNegatives, _positivesBelow, negativesBelow) => {
    halves += tiedPositives * (2 * negativesBelow + tiedNegatives);
  });
  const area = halves / (2 * m * n);
  let ofPositives = 0;
  let ofNegatives = 0;
  eachScore(positives, negatives, (tiedPositives, tiedNegatives, positivesBelow, negativesBelow) => {
    const above = m - positivesBelow - tiedPositives;
    ofPositives += tiedPositives * ((negativesBelow + tiedNegatives / 2) / n - area) ** 2;
    ofNegatives += tiedNegatives * ((above + tiedPositives / 2) / m - area) ** 2;
  });
  // One row alone says nothing of its kind's variance; it is at most that of a coin with this area.
  const variance = (squares: number, count: number) => (count > 1 ? squares / (count - 1) : area * (1 - area)) / count;
  return { area, standardError: Math.sqrt(variance(ofPositives, m) + variance(ofNegatives, n)) };
}

/**
 * The mean of every class's area against the rest. The areas stem from the same rows, so their errors are added up row by
 * row, with the influence of each row on each of them. Undefined where a class has no rows.
 */
export function macroArea(labels: Uint16Array, classes: number, probabilities: Float64Array): Area | undefined {
  const found = influences(labels, classes, probabilities);
  if (!found) return undefined;
  const rows = labels.length;
  let squares = 0;
  for (const one of found.influence) squares += one * one;
  return { area: found.area, standardError: Math.sqrt(squares / Math.max(1, rows - 1) / rows) };
}

/** Each row's influence on the area of a binary classifier, or on the mean of all classes' areas. */
export function areaInfluence(labels: Uint16Array, classes: number, probabilities: Float64Array) {
  return influences(labels, classes, probabilities)?.influence;
}

/** @param probabilities of class 1, one a row, where there are two classes and no more figures than rows; else of each class */
function influences(
  labels: Uint16Array,
  classes: number,
  probabilities: Float64Array,
): { area: number; influence: Float64Array } | undefined {
  const rows = labels.length;
  const width = probabilities.length === rows ? 1 : classes;
  const judged = width === 1 ? [1] : Array.from({ length: classes }, (_, at) => at);
  const influence = new Float64Array(rows);
  let sum = 0;
  for (const positive of judged) {
    const offset = width === 1 ? 0 : positive;
    const parts = split(labels, positive, probabilities, width, offset);
    if (!parts) return undefined;
    const { area } = areaOf(parts);
    sum += area;
    const [m, n] = [parts.positives.length, parts.negatives.length];
    for (let row = 0; row < rows; row++) {
      const score = probabilities[row * width + offset] ?? 0;
      const share =
        labels[row] === positive ? placement(score, parts.negatives) / n : 1 - placement(score, parts.positives) / m;
      const weight = rows / (labels[row] === positive ? m : n) / judged.length;
      influence[row] = (influence[row] ?? 0) + weight * (share - area);
    }
  }
  return { area: sum / judged.length, influence };
}

/** How many stand below; a tie counts half. */
function placement(score: number, sorted: Float64Array): number {
  return (firstNotBelow(score, sorted, false) + firstNotBelow(score, sorted, true)) / 2;
}

function firstNotBelow(score: number, sorted: Float64Array, orEqual: boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const value = sorted[middle] ?? 0;
    if (value < score || (orEqual && value === score)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Visits every score that there is, ascending, with how many of each kind have it and how many stand below. */
function eachScore(
  positives: Float64Array,
  negatives: Float64Array,
  visit: (tiedPositives: number, tiedNegatives: number, positivesBelow: number, negativesBelow: number) => void,
): void {
  let p = 0;
  let n = 0;
  while (p < positives.length || n < negatives.length) {
    const value = Math.min(positives[p] ?? Number.POSITIVE_INFINITY, negatives[n] ?? Number.POSITIVE_INFINITY);
    const [positivesBelow, negativesBelow] = [p, n];
    while (positives[p] === value) p++;
    while (negatives[n] === value) n++;
    visit(p - positivesBelow, n - negativesBelow, positivesBelow, negativesBelow);
  }
}
