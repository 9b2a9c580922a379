/** Digests of content, spelled alike everywhere: `sha256:<64 lower-case hex>`. */
import { createHash } from "node:crypto";

/** `sha256:<hex>` of bytes or of a text's UTF-8. */
export function digestOf(content: string | Uint8Array): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

/** The hex of `sha256:<hex>`. */
export function digestHex(digest: string): string {
  return digest.replace(/^sha256:/, "");
}

/** The spelling that S3 uses in `ChecksumSHA256`: base64 of the same 32 bytes. */
export function digestBase64(digest: string): string {
  return Buffer.from(digestHex(digest), "hex").toString("base64");
}

/** JSON with sorted keys and no spaces, so that equal values are equal bytes. Undefined members are left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (member === null || typeof member !== "object" || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}

/** The digest of a pipeline of artefacts, from theirs in order: one has its own, several that of their list. */
export function pipelineDigest(digests: readonly string[]): string {
  const [only] = digests;
  return digests.length === 1 && only !== undefined ? only : digestOf(digests.join("\n"));
}
