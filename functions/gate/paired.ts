/** How much of their errors two models share, from what each test row did to their figures. Pure. */
import { InfluenceFile, type MetricName } from "../../contracts/evaluation.ts";

/**
 * The correlation of two models' influences, −1 to 1. Undefined when the files are not of the same metric and the same test
 * rows, or one of the models has no errors to share.
 */
export function correlationOf(texts: readonly [string, string], metric: MetricName): number | undefined {
  const [a, b] = texts.map(read);
  if (!a || !b || a.metric !== metric || b.metric !== metric) return undefined;
  if (a.testDatasetVersion !== b.testDatasetVersion || a.rows !== b.rows) return undefined;
  const [first, second] = [Buffer.from(a.influence, "base64"), Buffer.from(b.influence, "base64")];
  if (first.length !== 4 * a.rows || second.length !== 4 * a.rows) return undefined;
  let [squares, otherSquares, products] = [0, 0, 0];
  for (let at = 0; at < first.length; at += 4) {
    const [one, other] = [first.readFloatLE(at), second.readFloatLE(at)];
    squares += one * one;
    otherSquares += other * other;
    products += one * other;
  }
  const correlation = products / Math.sqrt(squares * otherSquares);
  return Number.isFinite(correlation) ? Math.min(1, Math.max(-1, correlation)) : undefined;
}

function read(text: string): InfluenceFile | undefined {
  try {
    return InfluenceFile.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
