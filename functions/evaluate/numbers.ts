/** Many numbers in little memory, and sums that do not lose what they add up. */

const segmentLength = 1 << 16;

type Kind = typeof Float64Array | typeof Uint16Array;

/** Figures of unknown number: doubles of 8 bytes each, or whole numbers of 0 to 65,535 of 2 bytes each. */
export class Numbers<K extends Kind = typeof Float64Array> {
  readonly #kind: K;
  #full: InstanceType<K>[] = [];
  #segment: InstanceType<K>;
  #filled = 0;

  constructor(kind: K) {
    this.#kind = kind;
    this.#segment = this.#make(segmentLength);
  }

  get length(): number {
    return this.#full.length * segmentLength + this.#filled;
  }

  push(value: number): void {
    if (this.#filled === segmentLength) {
      this.#full.push(this.#segment);
      this.#segment = this.#make(segmentLength);
      this.#filled = 0;
    }
    this.#segment[this.#filled++] = value;
  }

  /** All of them in one array; nothing is left here. */
  take(): InstanceType<K> {
    const all = this.#make(this.length);
    let at = 0;
    for (let segment = this.#full.shift(); segment; segment = this.#full.shift()) {
      all.set(segment, at);
      at += segmentLength;
    }
    all.set(this.#segment.subarray(0, this.#filled), at);
    this.#filled = 0;
    return all;
  }

  #make(length: number): InstanceType<K> {
    return new this.#kind(length) as InstanceType<K>;
  }
}

/** Neumaier's sum: exact to the last digits for any number of terms and in whatever order they come. */
export class Sum {
  #sum = 0;
  #lost = 0;

  add(term: number): void {
    const next = this.#sum + term;
    this.#lost += Math.abs(this.#sum) >= Math.abs(term) ? this.#sum - next + term : term - next + this.#sum;
    this.#sum = next;
  }

  get value(): number {
    // An infinite sum has an undefined remainder.
    return Number.isFinite(this.#lost) ? this.#sum + this.#lost : this.#sum;
  }
}

/** The mean of `term(row)` over the rows, and the standard error of that mean; 0 rows give NaN, one row an error of NaN. */
export function meanOf(count: number, term: (row: number) => number): { mean: number; standardError: number } {
  const sum = new Sum();
  for (let row = 0; row < count; row++) sum.add(term(row));
  const mean = sum.value / count;
  const squares = new Sum();
  for (let row = 0; row < count; row++) squares.add((term(row) - mean) ** 2);
  return { mean, standardError: count > 1 ? Math.sqrt(squares.value / (count - 1) / count) : Number.NaN };
}
