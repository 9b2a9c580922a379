import rule from "../../../policies/encryption/notebook-hardened.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import { analyze, notes, UNKNOWN, violates } from "../support/harness.ts";

const LATER = "It is judged at update, before the resource is touched.";
const IMDS = "instanceMetadataServiceConfiguration.minimumInstanceMetadataServiceVersion";
const INSIDE = "Put the notebook into the stage's network.";

describe("notebook-hardened", () => {
  for (const provider of PROVIDERS) {
    const notebook = compliant(provider, "notebook");
    const groups = provider === "native" ? "securityGroupIds" : "securityGroups";
    const open = { config: { notebookNetwork: "open" } };

    for (const [check, path, values, limit, fix] of [
      [
        "internet",
        "directInternetAccess",
        [undefined, "Enabled", "disabled"],
        '"Disabled"',
        "Disable it, and reach AWS's services through endpoints of the network.",
      ],
      ["vpc", "subnetId", [undefined, "", 7], "a subnet", INSIDE],
      ["vpc", groups, [undefined, [], "sg-1"], "at least one security group", INSIDE],
      [
        "root",
        "rootAccess",
        [undefined, "Enabled", false],
        '"Disabled"',
        "Disable it; lifecycle scripts still run as root.",
      ],
      ["imds", IMDS, [undefined, "1", 2], '"2"', "Set it, so that the metadata service answers only in a session."],
      [
        "platform",
        "platformIdentifier",
        ["notebook-al1-v1", "notebook-al2-v3", ""],
        "notebook-al2023-v1",
        "Take a platform that is still patched, or leave it out.",
      ],
    ] as const) {
      it(`${provider}: ${path}`, async () => {
        for (const value of values) {
          const shown = value === undefined ? "absent" : value === "" ? "empty" : JSON.stringify(value);
          violates(
            await analyze(rule, broken(notebook, path, value)),
            `notebook-hardened/${check}: ${path} is ${shown}, must be ${limit}. ${fix}`,
          );
        }
        notes(
          await analyze(rule, broken(notebook, path, UNKNOWN)),
          `notebook-hardened/waits: ${path} is not known yet, must be ${limit}. ${LATER}`,
        );
      });
    }

    it(`${provider}: a stage without a network asks for neither`, async () => {
      for (const path of ["directInternetAccess", "subnetId", groups])
        violates(await analyze(rule, broken(notebook, path, undefined), open));
      violates(
        await analyze(rule, broken(notebook, "rootAccess", undefined), open),
        'notebook-hardened/root: rootAccess is absent, must be "Disabled". Disable it; lifecycle scripts still run as root.',
      );
    });

    it(`${provider}: without a platform it has AWS's default; which ones are allowed is a setting`, async () => {
      violates(await analyze(rule, broken(notebook, "platformIdentifier", undefined)));
      const config = { notebookPlatforms: ["notebook-al2023-v1", "notebook-al2-v3"] };
      violates(await analyze(rule, broken(notebook, "platformIdentifier", "notebook-al2-v3"), { config }));
      violates(
        await analyze(rule, broken(notebook, "platformIdentifier", "notebook-al1-v1"), { config }),
        'notebook-hardened/platform: platformIdentifier is "notebook-al1-v1", must be one of notebook-al2023-v1 and notebook-al2-v3. Take a platform that is still patched, or leave it out.',
      );
    });
  }
});
