/**
 * Readers by CloudFormation type. A type without one works all the same: its recorded state is taken for the live one as long
 * as its stack stands. To have drift of a type seen, add its reader to the file of its kind.
 */
import { flow } from "./flow.ts";
import { http } from "./http.ts";
import { iam } from "./iam.ts";
import { keys } from "./keys.ts";
import { lambda } from "./lambda.ts";
import type { Reader } from "./reader.ts";
import { s3 } from "./s3.ts";
import { store } from "./store.ts";

const READERS: Readonly<Record<string, Reader>> = { ...s3, ...iam, ...keys, ...lambda, ...flow, ...store, ...http };

export function readerOf(cfnType: string): Reader | undefined {
  return READERS[cfnType];
}
