/** What other tools said, as recorded. */
import { createHash } from "node:crypto";
import type { AgreementCase } from "./cases.ts";

/** `silent`: the tool had nothing to judge. */
export type Verdict = "pass" | "fail" | "silent";

export interface Recorded {
  readonly tools: Readonly<Record<string, string>>;
  readonly cases: Readonly<Record<string, { digest: string; good: Verdict; bad: Verdict }>>;
}

/** Says whether a recorded verdict is about these very resources. */
export const caseDigest = ({ good, bad }: AgreementCase): string =>
  createHash("sha256")
    .update(JSON.stringify([good, bad]))
    .digest("hex")
    .slice(0, 16);
