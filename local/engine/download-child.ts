/** `node download-child.ts <root>`: installs the official engine into the root. Started by download.ts. */
import { PulumiCommand } from "@pulumi/pulumi/automation/cmd.js";

const root = process.argv[2];
if (!root) throw new Error("usage: download-child.ts <root>");
try {
  // Without a version the API installs the one of its own package, which is the pinned one.
  await PulumiCommand.install({ root });
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
