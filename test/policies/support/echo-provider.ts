/**
 * Process: a provider that stores what it is given and knows nothing, for scenes that are about the engine and the pack.
 * Prints its port; ends when its standard input closes. After creation each resource has `arn`, as AWS would compute it.
 */
import { createHash } from "node:crypto";
import { main, type Provider } from "@pulumi/pulumi/provider/index.js";

const nameOf = (urn: string): string => urn.split("::").at(-1) ?? "";
const provider: Provider = {
  version: "1.0.0",
  getSchema: async () => "{}",
  check: async (_urn, _olds, news) => ({ inputs: news, failures: [] }),
  diff: async (_id, _urn, olds, news) => ({ changes: JSON.stringify(olds) !== JSON.stringify(news) }),
  create: async (urn, inputs) => ({
    id: createHash("sha256").update(urn).digest("hex").slice(0, 8),
    outs: { ...inputs, arn: `arn:aws:iam::111122223333:role/${nameOf(urn)}` },
  }),
  read: async (id, _urn, props) => ({ id, props }),
  update: async (_id, _urn, _olds, news) => ({ outs: news }),
  delete: async () => {},
};

process.stdin.resume();
process.stdin.once("end", () => process.exit(0));
process.stdin.once("error", () => process.exit(0));
await main(provider, ["127.0.0.1:0"]);
