/** Look-ups in S3: what the store itself says of an object's bytes. The outcomes are those of `live.ts`. */
import type { Answer } from "./live.ts";
import { once } from "./live-cache.ts";

/** What S3 records of an object's current version (HeadObject). */
export interface ObjectFacts {
  /** Base64. Of the whole object only where `checksumType` is FULL_OBJECT. */
  readonly checksumSha256: string | undefined;
  readonly checksumType: string | undefined;
  /** Undefined where the bucket keeps no versions. */
  readonly versionId: string | undefined;
}

/** The port. Answers never reject. Read-only. */
export interface Objects {
  /** `region` is where to ask first; S3 says where the bucket really is. */
  object(bucket: string, key: string, region: string): Promise<Answer<ObjectFacts>>;
}

let current: Objects | undefined;

/** The store in use. The SDK is loaded on the first question. */
export function objects(): Objects {
  current ??= cached(lazily());
  return current;
}

/** Puts another store in its place (a double). Returns the way back. */
export function useObjects(other: Objects): () => void {
  const before = current;
  current = cached(other);
  return () => {
    current = before;
  };
}

function cached(inner: Objects): Objects {
  const ask = once();
  return {
    object: (bucket, key, region) => ask(`${bucket}/${key}`, () => inner.object(bucket, key, region)),
  };
}

function lazily(): Objects {
  let loading: Promise<Objects> | undefined;
  return {
    async object(bucket, key, region) {
      try {
        loading ??= import("./live-s3.ts").then(({ s3Objects }) => s3Objects());
        return await (await loading).object(bucket, key, region);
      } catch (error) {
        loading = undefined;
        const words = error instanceof Error ? error.message.split("\n", 1)[0] : String(error);
        return { state: "offline", words: `@aws-sdk/client-s3 could not be loaded: ${words}` };
      }
    },
  };
}
