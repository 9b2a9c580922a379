/** The commands that no policy is forgotten with. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main, plan } from "../../../cli/guarded.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const guard = (stage: string) => [
  "--policy-pack",
  join(root, "policies", ...(process.platform === "win32" ? [] : ["start.cjs"])),
  "--policy-pack-config",
  join(root, "policies", "config", `${stage}.json`),
];

describe("npm run preview and up", () => {
  it("give Pulumi the pack and the stage's orders, and pass its own options on", () => {
    assert.deepEqual(plan(["preview", "--stack", "prod"]), { args: ["preview", "--stack", "prod", ...guard("prod")] });
    assert.deepEqual(plan(["up", "--stack", "acme/frugal-mlops/dev", "--", "--diff", "--refresh"]), {
      args: ["up", "--stack", "acme/frugal-mlops/dev", ...guard("dev"), "--diff", "--refresh"],
    });
  });

  it("refuse, all at once, what would take the policies away", () => {
    assert.deepEqual(plan(["destroy", "--", "--skip-preview", "--policy-pack=x"]), {
      faults: [
        "the command must be preview or up, got destroy",
        "--stack must name the stage",
        "--skip-preview would take the policies away; use pulumi itself if you must",
        "--policy-pack would take the policies away; use pulumi itself if you must",
      ],
    });
    for (const argv of [
      ["up", "--stack", "prod", "--skip-preview"],
      ["up", "--stack", "prod", "-f"],
    ])
      assert.ok("faults" in plan(argv), argv.join(" "));
    assert.deepEqual(plan(["up", "--stack", "staging", "--report", "out"]), {
      faults: [
        "policies/config has no orders for stack staging: it has dev, prod",
        "--report is of preview: what is refused there is never tried",
      ],
    });
    assert.ok("faults" in plan(["preview", "--stack", "baseline"]));
  });

  describe("with a Pulumi that records how it is called", () => {
    let folder: string;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), "guarded-"));
    });
    after(() => rmSync(folder, { recursive: true }));

    it("hand its exit code on, and write the reports of a preview that was refused", () => {
      const pulumi = join(folder, "pulumi");
      const urn = "urn:pulumi:prod::frugal::aws:s3/bucket:Bucket::data";
      const event = {
        sequence: 1,
        timestamp: 1,
        policyEvent: {
          resourceUrn: urn,
          message: "Data. It leaks.\nbucket-not-public/block: blockPublicAcls is false, must be true. Set it.",
          color: "never",
          policyName: "bucket-not-public",
          policyPackName: "frugal-mlops",
          policyPackVersion: "0.1.0",
          policyPackVersionTag: "0.1.0",
          enforcementLevel: "mandatory",
        },
      };
      writeFileSync(join(folder, "event"), `${JSON.stringify(event)}\n`);
      // The events go where the last argument says.
      writeFileSync(
        pulumi,
        `#!/bin/sh\n[ "$PULUMI_DEBUG_COMMANDS" = true ] && [ -n "$NODE_COMPILE_CACHE" ] || exit 9\nfor last; do :; done\ncp '${folder}/event' "$last"\nexit 255\n`,
      );
      chmodSync(pulumi, 0o755);
      const out = join(folder, "out");
      assert.equal(main(["preview", "--stack", "prod", "--report", out], pulumi), 255);
      for (const file of ["policies.md", "policies.sarif", "policies.junit.xml"])
        assert.match(readFileSync(join(out, file), "utf8"), /bucket-not-public/, file);
    });

    it("say so where there is no Pulumi", () => {
      assert.equal(main(["preview", "--stack", "prod"], join(folder, "none")), 2);
    });
  });
});
