/** What verifying a trace found: every link that was looked at, and what is wrong with those that broke. */
export interface Check {
  /** The link: kind and name of the node, or the two ends of an association. */
  readonly link: string;
  /** What was found in order, in a few words. */
  readonly looked?: string;
  /** What is wrong; one line a fault. Empty: the link holds. */
  readonly faults: readonly string[];
}

/** A check of one node. */
export function checked(
  node: { readonly kind: string; readonly name: string },
  looked: string,
  faults: readonly string[],
): Check {
  return { link: `${node.kind} ${node.name}`, looked, faults };
}

/** Most faults of one link that are printed; `--json` has all. */
const SHOWN = 10;

/** @param cut whether the trace met its limit, so that not every link was looked at */
export function formatChecks(checks: readonly Check[], cut = false): string {
  const broken = checks.filter(({ faults }) => faults.length > 0);
  const lines = checks.flatMap(({ link, looked, faults }) => {
    if (faults.length === 0) return [`ok      ${link}${looked ? `: ${looked}` : ""}`];
    const rest = faults.length > SHOWN ? [`        … and ${faults.length - SHOWN} more`] : [];
    return [`BROKEN  ${link}`, ...faults.slice(0, SHOWN).map((fault) => `        ${fault}`), ...rest];
  });
  const sum =
    broken.length === 0
      ? `All ${checks.length} links hold.`
      : `${broken.length} of ${checks.length} links are broken: ${broken.map(({ link }) => link).join("; ")}`;
  const beyond = cut ? ["The trace was cut at its limit: links beyond it were not verified; see --limit."] : [];
  return [...lines, "", sum, ...beyond].join("\n");
}
