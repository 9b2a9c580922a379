/** The object port on `@aws-sdk/client-s3`. Imported only by `live-objects.ts`, and only when something is asked. */
import { HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { bounded, LIVE_LIMITS, type Limits } from "./bounded.ts";
import type { Answer } from "./live.ts";
import { isCredentialFault, nameOf, wordsOf } from "./live-errors.ts";
import type { Objects } from "./live-objects.ts";

const ACTION = "s3:GetObject (and s3:ListBucket, without which S3 hides that an object is missing)";

/** Credentials and `AWS_ENDPOINT_URL*` come from the environment, as for any AWS tool. */
export function s3Objects(limits: Limits = LIVE_LIMITS): Objects {
  const clients = new Map<string, S3Client>();
  const clientOf = (region: string): S3Client => {
    let client = clients.get(region);
    if (!client) {
      const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = process.env;
      client = new S3Client({
        region,
        // Tries and time limits are ours (see bounded.ts); the SDK's would multiply them.
        maxAttempts: 1,
        followRegionRedirects: true,
        // An endpoint of one's own has no host name for each bucket.
        forcePathStyle: Boolean(AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL),
      });
      clients.set(region, client);
    }
    return client;
  };
  const call = bounded(limits, (error) => classify(error).state !== "offline" || isCredentialFault(error));
  return {
    async object(bucket, key, region) {
      try {
        const found = await call((abortSignal) =>
          clientOf(region).send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: "ENABLED" }), {
            abortSignal,
          }),
        );
        const { ChecksumSHA256, ChecksumType, VersionId } = found;
        return {
          state: "answered",
          facts: { checksumSha256: ChecksumSHA256, checksumType: ChecksumType, versionId: VersionId },
        };
      } catch (error) {
        return classify(error);
      }
    },
  };
}

/** HEAD has no body, so its errors are known by their status only. */
export function classify(error: unknown): Exclude<Answer<never>, { state: "answered" }> {
  const { $metadata } = (typeof error === "object" && error !== null ? error : {}) as {
    $metadata?: { httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode;
  const said = wordsOf(error);
  const words = status !== undefined && said === "UnknownError" ? `S3 answers ${status}` : said;
  if (status === 404) return { state: "not-found", words };
  if (status === 403 && !isCredentialFault(error)) return { state: "denied", action: ACTION, words };
  return { state: "offline", words: `${nameOf(error) || "error"}: ${words}` };
}
