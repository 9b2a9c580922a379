/** What looks like a credential, by its form, by its name, or by being random. Says what kind, never the text. */

export interface Suspicion {
  readonly by: "pattern" | "named" | "random";
  /** `an AWS access key id`; fit to be printed. */
  readonly kind: string;
}

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])/, "an AWS access key id"],
  [/-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----/, "a private key"],
  [/\bgh[pousr]_[A-Za-z0-9]{36,}|\bgithub_pat_[A-Za-z0-9_]{22,}/, "a GitHub token"],
  [/\bglpat-[A-Za-z0-9_-]{20,}/, "a GitLab token"],
  [/\bxox[abeoprs]-[A-Za-z0-9-]{10,}/, "a Slack token"],
  [/\bhf_[A-Za-z0-9]{30,}/, "a Hugging Face token"],
  [/\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}/, "a Stripe key"],
  [/\bsk-[A-Za-z0-9_-]{20,}/, "an API key"],
  [/\bAIza[A-Za-z0-9_-]{35}/, "a Google API key"],
  [/\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}/, "a signed token"],
  [/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"']{1,200}:[^\s/@"'${}]{3,200}@/i, "an address with a password"],
  [
    /\b(?:password|passwd|pwd|secret_?key|api_?key|secret_?access_?key|auth_?token)["']?\s*[=:]\s*["']?(?![$<{[(%"'])[^\s"',;$]{6,}/i,
    "a password in a text",
  ],
];

/** The last word of a name that says its value is a credential: `DB_PASSWORD`, `apiKey`, `session-token`. */
const TELLING =
  /(?:^|[_.\- ]|(?<=[a-z0-9]))(?:password|passwd|passphrase|pwd|secret|credentials?|token|(?:api|access|secret|private|signing|encryption|auth)[_.\- ]?key)$/i;

/** Values that point at a credential, or at nothing, instead of being one. */
const REFERENCE =
  /^(?:arn:|\{\{resolve:|\{%|\$|%|\/[\w./-]+$|alias\/|https?:\/\/[^\s@]*$|<.*>$|\[.*\]$|true$|false$|none$|null$)/i;

/** Shorter values under a telling name are words such as `bearer`; a vocabulary's tokens are short, too. */
const LEAST_NAMED = 8;

/** Runs of base64 text; hexadecimal digests and identifiers stay below the entropy asked for. */
const RUN = /[A-Za-z0-9+/]{32,200}={0,2}|[A-Za-z0-9_-]{40,200}/g;
/** Bits per character: 40 random base64 characters have about 4.9, a hexadecimal digest at most 4. */
const LEAST_ENTROPY = 4.3;
/** How much of a text is searched: more than any environment (4 KB) or definition (1 MB) that AWS takes. */
const MOST = 1_100_000;

/** What `text`, the value of `name`, looks like, or undefined when it looks like nothing secret. */
export function suspicionOf(text: string, name = ""): Suspicion | undefined {
  const searched = text.slice(0, MOST);
  for (const [pattern, kind] of PATTERNS) if (pattern.test(searched)) return { by: "pattern", kind };
  const value = text.trim();
  if (TELLING.test(name) && value.length >= LEAST_NAMED && !REFERENCE.test(value))
    return { by: "named", kind: "a credential, by its name" };
  for (const [run] of searched.matchAll(RUN)) if (isRandom(run)) return { by: "random", kind: "a random key" };
  return undefined;
}

function isRandom(run: string): boolean {
  if (!/[a-z]/.test(run) || !/[A-Z]/.test(run) || !/[0-9]/.test(run)) return false;
  // A path or a name of words is no key: in a key small letters, capitals and digits stand mixed.
  const changes = run.match(/[a-z](?=[A-Z0-9])|[A-Z](?=[a-z0-9])|[0-9](?=[A-Za-z])/g)?.length ?? 0;
  if (changes < run.length / 4) return false;
  const counts = new Map<string, number>();
  for (const character of run) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / run.length) * Math.log2(count / run.length);
  return bits >= LEAST_ENTROPY;
}
