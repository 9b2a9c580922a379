import assert from "node:assert/strict";
import { packageKeys } from "../../../contracts/lineage.ts";
import rule, { EVIDENCE } from "../../../policies/approval/approval-evidence.ts";
import type { Answer, PackageFacts } from "../../../policies/support/live.ts";
import { SETTINGS } from "../../../policies/support/settings.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import { analyze, analyzeStack, notes, UNKNOWN, violates } from "../support/harness.ts";
import { against, answered, atUpdate, double, PACKAGE_ARN, RECORDED, trueRegistry } from "../support/registry.ts";

const SUBJECT = `model package ${PACKAGE_ARN}`;
const PATH = "primaryContainer.modelPackageName";
const AGAIN = "Have it approved through the submission, which records it.";
const SUBMIT = "Submit the model again.";
const WHO = {
  "approved-by": "who approved it",
  "approved-at": "when, as an ISO 8601 time",
  "packet-digest": "sha256:<64 lower-case hex digits> of what the approver saw",
} as const;

const registered = (answer: Answer<PackageFacts>) => double({ packages: { [PACKAGE_ARN]: answer } });
const recorded = (changes: Partial<PackageFacts>) => registered(answered({ ...RECORDED, ...changes }));
/** The record with entries changed; `undefined` removes one. */
function entries(changes: Record<string, string | undefined>) {
  const metadata = { ...RECORDED.metadata };
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) delete metadata[`frugal:${key}`];
    else metadata[`frugal:${key}`] = value;
  }
  return recorded({ metadata });
}
const text = (check: string, value: string, limit: string, fix: string, path = PATH) =>
  `approval-evidence/${check}: ${path} is ${SUBJECT} with ${value}, must be one with ${limit}. ${fix}`;
const shown = (value: string | undefined) =>
  value === undefined ? "absent" : value === "" ? "empty" : JSON.stringify(value);

describe("approval-evidence", () => {
  it("asks for the keys that the estate writes", () => {
    const { approvedBy, approvedAt, submittedBy, packetDigest } = packageKeys;
    assert.deepEqual(
      Object.fromEntries(Object.entries(EVIDENCE).map(([name, key]) => [name, `${SETTINGS.tagPrefix.default}${key}`])),
      { approvedBy, approvedAt, submittedBy, packetDigest },
    );
  });

  for (const provider of PROVIDERS) {
    const model = compliant(provider, "model");
    const judged = (registry: ReturnType<typeof double>, config: Record<string, unknown> = {}) =>
      against(registry, () => analyze(rule, model, { config }));

    it(`${provider}: an approval on record`, async () => {
      violates(await judged(trueRegistry()));
    });

    it(`${provider}: what is not approved is another rule's fault`, async () => {
      for (const approvalStatus of ["PendingManualApproval", "Rejected", undefined])
        violates(await judged(registered(answered({ approvalStatus, status: "Completed", metadata: {} }))));
    });

    it(`${provider}: who, when and what they saw`, async () => {
      for (const [key, values] of [
        ["approved-by", [undefined, "", " "]],
        [
          "approved-at",
          [undefined, "", "yesterday", "2026-11-02", "2026-13-02T09:30:00Z", "+012026-11-02T09:30:00Z", "1762075800"],
        ],
        [
          "packet-digest",
          [
            undefined,
            "",
            "sha256:ef",
            `x-${RECORDED.metadata["frugal:packet-digest"]}`,
            `sha256:${"EF".repeat(32)}`,
            `sha256:${"ef".repeat(33)}`,
          ],
        ],
      ] as const) {
        for (const value of values) {
          violates(
            await judged(entries({ [key]: value })),
            text("who", `frugal:${key} ${shown(value)}`, WHO[key], AGAIN),
          );
        }
      }
    });

    it(`${provider}: submitter and approver are two persons, and both are on record`, async () => {
      for (const value of ["grace@example.com", "Grace@Example.com ", " GRACE@EXAMPLE.COM"]) {
        violates(
          await judged(entries({ "submitted-by": value })),
          text(
            "same-person",
            `frugal:submitted-by ${shown(value)}`,
            "another than frugal:approved-by",
            "Have somebody else approve it.",
          ),
        );
      }
      violates(
        await judged(entries({ "approved-by": "grace  hopper", "submitted-by": "Grace  Hopper" })),
        text(
          "same-person",
          'frugal:submitted-by "Grace  Hopper"',
          "another than frugal:approved-by",
          "Have somebody else approve it.",
        ),
      );
      // Two addresses that are the same only in capitals.
      violates(await judged(entries({ "approved-by": "weiß@example.com", "submitted-by": "weiss@example.com" })));
      // Several approvers stand in one entry.
      violates(
        await judged(
          entries({ "approved-by": "ada@example.com Joan@example.com", "submitted-by": "joan@example.com" }),
        ),
        text(
          "same-person",
          'frugal:submitted-by "joan@example.com"',
          "another than frugal:approved-by",
          "Have somebody else approve it.",
        ),
      );
      for (const value of [undefined, "", " "]) {
        violates(
          await judged(entries({ "submitted-by": value })),
          text("same-person", `frugal:submitted-by ${shown(value)}`, "who submitted it", SUBMIT),
        );
      }
    });

    it(`${provider}: a comment`, async () => {
      for (const approvalDescription of [undefined, "", "  ", "-"]) {
        violates(
          await judged(recorded({ approvalDescription })),
          text("why", `ApprovalDescription ${shown(approvalDescription)}`, "the approver's comment", AGAIN),
        );
      }
    });

    it(`${provider}: quality metrics`, async () => {
      violates(
        await judged(recorded({ hasQuality: false })),
        text("metrics", "ModelMetrics.ModelQuality.Statistics absent", "the figures of its test", SUBMIT),
      );
    });

    it(`${provider}: the approving role wrote it`, async () => {
      const account = "111122223333";
      for (const lastModifiedBy of [
        `arn:aws:sts::${account}:assumed-role/record-decision/s`,
        `arn:aws:sts::${account}:assumed-role/frugal-dev-record-decision/s`,
        `arn:aws:iam::${account}:role/frugal-prod-record-decision`,
        `arn:aws:iam::${account}:role/path/frugal-prod-record-decision`,
      ])
        violates(await judged(recorded({ lastModifiedBy })));
      const fix =
        "Find out who changed it, and submit the model again; the roles that may are named in approvingRoles.";
      for (const lastModifiedBy of [
        undefined,
        "",
        `arn:aws:iam::${account}:user/record-decision`,
        `arn:aws:iam::${account}:root`,
        `arn:aws:sts::${account}:assumed-role/admin/record-decision`,
        `arn:aws:sts::${account}:assumed-role/notrecord-decision/s`,
        `arn:aws:sts::${account}:assumed-role/frugal-prod-record-decision-2/s`,
        `arn:aws:sts::${account}:federated-user/record-decision`,
        `x-arn:aws:sts::${account}:assumed-role/record-decision/s`,
        `arn:aws:sts::${account}:assumed-role/record-decision/s/t`,
        `x-arn:aws:iam::${account}:role/record-decision`,
        `arn:aws:iam::${account}:role/record-decision/`,
      ]) {
        violates(
          await judged(recorded({ lastModifiedBy })),
          text("by-hand", `LastModifiedBy ${shown(lastModifiedBy)}`, "a role of record-decision", fix),
        );
      }
      violates(await judged(trueRegistry(), { approvingRoles: ["frugal-prod-record-decision", "other"] }));
      const recordedBy = `LastModifiedBy ${shown(RECORDED.lastModifiedBy)}`;
      for (const [approvingRoles, limit] of [
        [["first", "second"], "a role of first or second"],
        [[], "a role of nobody"],
        [[""], "a role of nobody"],
      ] as const)
        violates(await judged(trueRegistry(), { approvingRoles }), text("by-hand", recordedBy, limit, fix));
      const hyphen = `arn:aws:iam::${account}:role/frugal-`;
      violates(
        await judged(recorded({ lastModifiedBy: hyphen }), { approvingRoles: [""] }),
        text("by-hand", `LastModifiedBy "${hyphen}"`, "a role of nobody", fix),
      );
    });

    it(`${provider}: an approval set by hand shows everything that is missing at once`, async () => {
      const bare = { approvalStatus: "Approved", status: "Completed", metadata: {} };
      const found = await judged(registered(answered(bare)));
      assert.deepEqual(
        found.map((finding) => finding.text.split(":", 1)[0]?.split("/")[1]),
        ["who", "who", "who", "same-person", "why", "metrics", "by-hand"],
      );
    });

    it(`${provider}: another prefix`, async () => {
      const metadata = Object.fromEntries(
        Object.entries(RECORDED.metadata).map(([key, value]) => [key.replace("frugal:", "team:"), value]),
      );
      violates(await judged(recorded({ metadata }), { tagPrefix: "team:" }));
    });

    it(`${provider}: each outcome of the look-up`, async () => {
      const limit = "must be one whose approval is on record";
      const outcomes: readonly [Answer<PackageFacts>, string][] = [
        [
          { state: "not-found", words: "gone" },
          `approval-evidence/not-found: ${PATH} is ${SUBJECT}, which does not exist (gone), ${limit}. Correct the name, or the account and region of the credentials.`,
        ],
        [
          { state: "denied", action: "sagemaker:DescribeModelPackage", words: "no" },
          `approval-evidence/denied: ${PATH} is ${SUBJECT}, which may not be looked up (no), ${limit}. Allow sagemaker:DescribeModelPackage to whoever runs the preview.`,
        ],
        [
          { state: "offline", words: "dark" },
          `approval-evidence/offline: ${PATH} is ${SUBJECT}, which is not verified (dark), ${limit}. Run with credentials and a connection to AWS; only a stage with offline: warn goes on without.`,
        ],
      ];
      for (const [answer, words] of outcomes) violates(await judged(registered(answer)), words);
      const dark = outcomes[2];
      if (dark) notes(await judged(registered(dark[0]), { offline: "warn" }), dark[1]);
    });

    it(`${provider}: a package that is not known yet is waited for`, async () => {
      const found = await against(trueRegistry(), () => analyze(rule, broken(model, PATH, UNKNOWN)));
      notes(
        found,
        `approval-evidence/waits: ${PATH} is not known yet, must be the ARN of a model package version (arn:aws:sagemaker:REGION:ACCOUNT:model-package/GROUP/VERSION). It is judged at update, before the resource is touched.`,
      );
    });

    it(`${provider}: an endpoint whose models are not in the program is followed into the account`, async () => {
      const endpoint = compliant(provider, "endpoint");
      const account = (facts: PackageFacts) =>
        double({
          packages: { [PACKAGE_ARN]: answered(facts) },
          configs: {
            "churn-prod-3-cfg": answered({ models: [{ path: "productionVariants[0].modelName", name: "m" }] }),
          },
          models: {
            m: answered({ containers: [{ path: "primaryContainer", package: PACKAGE_ARN }] }),
          },
        });
      const wordless = account({ ...RECORDED, approvalDescription: undefined });
      const provided = { ...endpoint, provider: { type: "pulumi:providers:aws", props: { region: "us-east-1" } } };
      const overStack = await against(wordless, () => analyzeStack(rule, [provided]));
      const updating = await against(wordless, () => atUpdate(() => analyze(rule, provided)));
      for (const found of [overStack, updating]) {
        assert.equal(found.length, 1);
        assert.match(
          found[0]?.text ?? "",
          /^approval-evidence\/why: endpointConfigName > .*ApprovalDescription absent/,
        );
      }
      violates(await against(account(RECORDED), () => analyzeStack(rule, [provided])));
    });
  }
});
