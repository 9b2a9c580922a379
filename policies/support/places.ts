/** Where in the world a resource says it is: regions and accounts of the ARNs in it, wherever they stand. */
import type { Subject } from "./subject.ts";
import { isTree, join } from "./unknown.ts";

export interface Place {
  /** Path of the text that names it. */
  readonly path: string;
  readonly value: string;
}

export interface Places {
  readonly regions: readonly Place[];
  readonly accounts: readonly Place[];
}

/**
 * The parts of an ARN that are written out; wildcards and variables of policies are other rules' matter, and AWS's own
 * account is called `aws`.
 */
const ARN = /\barn:aws[a-z-]*:[a-z0-9-]+:([a-z0-9-]*):([0-9]{12})?(?=:|$|["'\s,\]])/g;
const REGION = /^[a-z]{2}(?:-[a-z]+)+-[0-9]$/;

/** Every region and account that the literal ARNs in the resource's properties name, in policy documents and other texts too. */
export function placesIn(subject: Subject): Places {
  const regions: Place[] = [];
  const accounts: Place[] = [];
  walk(subject.tree(), "", (text, path) => {
    if (!text.includes("arn:")) return;
    for (const [, region = "", account] of text.matchAll(ARN)) {
      if (REGION.test(region)) regions.push({ path, value: region });
      if (account !== undefined) accounts.push({ path, value: account });
    }
  });
  return { regions, accounts };
}

/** Deeper than any property the tree is cut by the reader. */
function walk(value: unknown, path: string, visit: (text: string, path: string) => void): void {
  if (typeof value === "string") visit(value, path);
  else if (Array.isArray(value)) {
    value.forEach((item: unknown, index) => {
      walk(item, join(path, index), visit);
    });
  } else if (isTree(value)) {
    for (const [key, item] of Object.entries(value)) walk(item, join(path, key), visit);
  }
}
