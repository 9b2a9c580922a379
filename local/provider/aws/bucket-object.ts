/** `aws:s3/bucketObjectv2:BucketObjectv2`: an object from a file, from text, or from base64. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { type Client, isNotFound } from "../emulator/client.ts";
import { listAt, textAt } from "../emulator/xml.ts";
import { nearest } from "../native/nearest.ts";
import type { Change } from "../server/handlers.ts";
import { isAsset, isObject, type Props, UNKNOWN } from "../server/wire.ts";
import type { ResourceType } from "./type.ts";

/** Inputs that the local provider honours or may ignore without consequence here. */
const INPUTS = [
  "bucket",
  "key",
  "source",
  "content",
  "contentBase64",
  "contentType",
  "cacheControl",
  "metadata",
  "tags",
  "etag",
  "sourceHash",
  "forceDestroy",
  "serverSideEncryption",
  "checksumAlgorithm",
] as const;
const SOURCES = ["source", "content", "contentBase64"] as const;
/** Elsewhere is another object. */
const REPLACES = new Set(["bucket", "key"]);

function path(bucket: unknown, key: unknown): string {
  return `/${String(bucket)}/${String(key).split("/").map(encodeURIComponent).join("/")}`;
}

/** The bytes to store. An asset's file is read where the engine found it. */
async function bytes(inputs: Props): Promise<Uint8Array> {
  const { source, content, contentBase64 } = inputs;
  if (typeof content === "string") return new TextEncoder().encode(content);
  if (typeof contentBase64 === "string") return Buffer.from(contentBase64, "base64");
  if (isAsset(source) && source.path !== undefined && !isAbsolute(source.path)) {
    throw new Error(
      `source: ${source.path} is relative; give the FileAsset an absolute path, an attached provider runs elsewhere`,
    );
  }
  if (isAsset(source)) return source.path ? readFile(source.path) : new TextEncoder().encode(source.text ?? "");
  return new Uint8Array();
}

/** What identifies the content: an asset's hash, or the text itself. */
function fingerprint(inputs: Props): string {
  const { source } = inputs;
  if (isAsset(source)) return `asset:${source.hash}`;
  return JSON.stringify(SOURCES.map((name) => (inputs[name] === UNKNOWN ? "unknown" : inputs[name])));
}

function headers(inputs: Props): Record<string, string> {
  const out: Record<string, string> = {
    "content-type": typeof inputs.contentType === "string" ? inputs.contentType : "application/octet-stream",
  };
  if (typeof inputs.cacheControl === "string") out["cache-control"] = inputs.cacheControl;
  if (typeof inputs.serverSideEncryption === "string")
    out["x-amz-server-side-encryption"] = inputs.serverSideEncryption;
  if (isObject(inputs.metadata))
    for (const [name, value] of Object.entries(inputs.metadata)) out[`x-amz-meta-${name}`] = String(value);
  if (isObject(inputs.tags))
    out["x-amz-tagging"] = new URLSearchParams(inputs.tags as Record<string, string>).toString();
  return out;
}

async function put(client: Client, inputs: Props): Promise<Props> {
  const body = await bytes(inputs);
  const response = await client.raw("s3", {
    method: "PUT",
    path: path(inputs.bucket, inputs.key),
    headers: headers(inputs),
    body,
  });
  return outputs(inputs, response.headers, createHash("sha256").update(body).digest("base64"));
}

function outputs(inputs: Props, headers: Headers, checksum: string): Props {
  return {
    ...inputs,
    arn: `arn:aws:s3:::${String(inputs.bucket)}/${String(inputs.key)}`,
    contentType: inputs.contentType ?? "application/octet-stream",
    etag: (headers.get("etag") ?? "").replaceAll('"', ""),
    versionId: headers.get("x-amz-version-id") ?? "",
    checksumSha256: checksum,
    serverSideEncryption: inputs.serverSideEncryption ?? "AES256",
    storageClass: "STANDARD",
    tagsAll: inputs.tags ?? {},
  };
}

/** Version ids of exactly this key, delete markers included. */
async function versions(client: Client, { bucket, key }: Props): Promise<string[]> {
  const found = await client.restXml("s3", {
    path: `/${String(bucket)}`,
    query: { versions: "", prefix: String(key) },
  });
  return [...listAt(found, "Version"), ...listAt(found, "DeleteMarker")].flatMap((version) =>
    textAt(version, "Key") === key ? (textAt(version, "VersionId") ?? []) : [],
  );
}

export const bucketObjectv2: ResourceType = {
  check(inputs, name) {
    const failures = Object.keys(inputs)
      .filter((property) => !(INPUTS as readonly string[]).includes(property))
      .map((property) => {
        const close = nearest(property, INPUTS);
        const hint = close
          ? ` Did you mean ${close}?`
          : " If the estate needs it, add it in local/provider/aws/bucket-object.ts.";
        return { property, reason: `Invalid or unknown key.${hint}` };
      });
    if (inputs.bucket === undefined)
      failures.push({ property: "bucket", reason: 'Missing required argument. The argument "bucket" is required.' });
    const given = SOURCES.filter((source) => inputs[source] !== undefined);
    if (given.length > 1)
      failures.push({
        property: given[0] ?? "source",
        reason: `Conflicting configuration arguments: ${given.join(", ")}: give one.`,
      });
    return { inputs: { key: name, ...inputs }, failures };
  },

  diff(olds, news) {
    const changes: Change[] = [];
    for (const property of INPUTS) {
      if ((SOURCES as readonly string[]).includes(property)) continue;
      const [a, b] = [olds[property], news[property]];
      if (b !== UNKNOWN && JSON.stringify(a) === JSON.stringify(b)) continue;
      const kind = a === undefined ? "add" : b === undefined ? "delete" : "update";
      changes.push({ path: property, kind, replace: REPLACES.has(property) });
    }
    const unknown = SOURCES.some((source) => news[source] === UNKNOWN);
    if (unknown || fingerprint(olds) !== fingerprint(news)) {
      const property = SOURCES.find((source) => news[source] !== undefined) ?? "content";
      changes.push({ path: property, kind: olds[property] === undefined ? "add" : "update", replace: false });
    }
    return changes;
  },

  preview(inputs, olds) {
    const made = ["etag", "versionId", "checksumSha256"].map((name) => [name, UNKNOWN]);
    const known = [inputs.bucket, inputs.key].every((part) => typeof part === "string");
    const arn = known ? `arn:aws:s3:::${String(inputs.bucket)}/${String(inputs.key)}` : UNKNOWN;
    return { ...olds, ...inputs, ...Object.fromEntries(made), arn };
  },

  async create(client, inputs) {
    return { id: String(inputs.key), outputs: await put(client, inputs) };
  },

  async read(client, id, inputs, recorded) {
    // On import the id is "bucket/key" or "s3://bucket/key"; else the key, and the bucket is on record.
    const [, bucket, key] = inputs ? [id, inputs.bucket, inputs.key] : (/^(?:s3:\/\/)?([^/]+)\/(.+)$/.exec(id) ?? []);
    if (bucket === undefined || key === undefined) throw new Error(`import an object as bucket/key, not ${id}`);
    try {
      const { headers } = await client.raw("s3", { method: "HEAD", path: path(bucket, key) });
      const etag = (headers.get("etag") ?? "").replaceAll('"', "");
      const contentType = headers.get("content-type") ?? "application/octet-stream";
      const asked: Props = inputs ?? { bucket: String(bucket), key: String(key), contentType };
      if (!inputs || etag === recorded.etag) {
        return { inputs: asked, outputs: inputs ? recorded : outputs(asked, headers, "") };
      }
      // Someone put other content there: without its source the next update puts ours back.
      const rest: Props = Object.fromEntries(
        Object.entries(asked).filter(([name]) => !(SOURCES as readonly string[]).includes(name)),
      );
      return { inputs: rest, outputs: outputs(rest, headers, "") };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  },

  update: (client, _id, news) => put(client, news),

  async delete(client, _id, recorded) {
    const at = path(recorded.bucket, recorded.key);
    try {
      // Of a versioned object the real provider removes every version, so that its bucket can be emptied and deleted.
      for (const versionId of recorded.versionId ? await versions(client, recorded) : [""]) {
        await client.raw("s3", { method: "DELETE", path: at, query: versionId ? { versionId } : undefined });
      }
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  },
};
