/** Property values as a deployment file spells them, and as the engine sends them to a policy pack. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Key by which a value says that it is no plain object, and what it is then (`pulumi/sdk`, resource/sig). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
/** What stands for a secret that cannot be read, in this tool as in `pulumi policy analyze`. */
const HIDDEN = "[secret]";

/** Secrets and references as a pack sees them: unwrapped. Assets keep their signature, which the library reads. */
export function plainOf(value: Json, counted: { secrets: number }): Json {
  if (value === HIDDEN) counted.secrets += 1;
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map((item) => plainOf(item, counted));
  const signature = value[SIGNATURE];
  if (signature === SECRET) return secretOf(value, counted);
  if (signature === REFERENCE) return value.id || value.urn || null;
  if (signature === OUTPUT) return plainOf(value.value ?? null, counted);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainOf(inner, counted)]));
}

function secretOf({ plaintext }: { readonly [key: string]: Json }, counted: { secrets: number }): Json {
  if (typeof plaintext === "string") {
    try {
      return plainOf(JSON.parse(plaintext) as Json, counted);
    } catch {
      // Not as the engine writes it, so not to be read.
    }
  }
  counted.secrets += 1;
  return HIDDEN;
}

/** Without what the provider bridge notes for itself: the engine does not show it to packs. */
export function withoutInternals(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map(withoutInternals);
  const shown = Object.entries(value).filter(([key]) => !key.startsWith("__"));
  return Object.fromEntries(shown.map(([key, inner]) => [key, withoutInternals(inner)]));
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
