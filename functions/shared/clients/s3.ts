/** The S3Client, constructed once per execution environment. */
import { S3Client } from "@aws-sdk/client-s3";
import { clientOptions } from "./options.ts";

/** A server-side copy of gigabytes answers late, hence the long silence allowed. */
export const s3 = new S3Client(clientOptions(300_000));
