import rule from "../../../policies/approval/approved-event-filtered.ts";
import { broken, compliant, PROVIDERS, type Provider } from "../support/fixtures.ts";
import { analyzeStack, type Finding, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const PACKAGES = "SageMaker Model Package State Change";
const CODE = "arn:aws:lambda:us-east-1:111122223333:function:";
const STATUS_FIX =
  "Let only approvals through, or name another detail-type if the rule is not about model packages; what only records is named in recordingRoles.";
const GROUPS = "the names of the groups that this program deploys";
const GROUP_FIX = "Name them; another team's approval is not this program's.";
const WORDS = "a pattern that lets only approved packages of one group through";
const AGAIN = "It is judged again when the update has made it known.";

const ROAD: Record<Provider, string> = { native: "", classic: 'rule > "eventRule" ' };

/** The compliant pattern with one field changed; `undefined` removes it. */
function pattern(changes: Record<string, unknown> = {}, detail: Record<string, unknown> = {}): unknown {
  const whole = {
    source: ["aws.sagemaker"],
    "detail-type": [PACKAGES],
    ...changes,
    detail: { ModelApprovalStatus: ["Approved"], ModelPackageGroupName: ["churn"], ...detail },
  };
  return JSON.parse(JSON.stringify(whole));
}

/** A rule with this pattern and, by default, a target that starts a rollout. */
function stack(
  provider: Provider,
  eventPattern: unknown,
  arn: unknown = `${CODE}frugal-prod-start-rollout`,
): Resource[] {
  const changed = broken(compliant(provider, "eventRule"), "eventPattern", eventPattern);
  if (provider === "native") return [broken(changed, "targets[0].arn", arn)];
  return [changed, broken(compliant("classic", "eventTarget"), "arn", arn)];
}

function recorder(provider: Provider, role = "record-lineage"): Resource {
  const named = compliant(provider, "function");
  named.props[provider === "native" ? "functionName" : "name"] = "frugal-prod-record";
  named.props.tags = provider === "native" ? [{ key: "frugal:role", value: role }] : { "frugal:role": role };
  return named;
}

describe("approved-event-filtered", () => {
  for (const provider of PROVIDERS) {
    const at = `${ROAD[provider]}eventPattern`;
    /** Judged as an object (where the provider takes one) and as JSON text. */
    const each = async (value: unknown, check: (found: readonly Finding[]) => void) => {
      for (const form of provider === "native" ? [value, JSON.stringify(value)] : [JSON.stringify(value)])
        check(await analyzeStack(rule, stack(provider, form)));
    };
    const status = (shown: string) =>
      `approved-event-filtered/status: ${at}.detail.ModelApprovalStatus is ${shown}, must be ["Approved"]. ${STATUS_FIX}`;
    const group = (shown: string) =>
      `approved-event-filtered/group: ${at}.detail.ModelPackageGroupName is ${shown}, must be ${GROUPS}. ${GROUP_FIX}`;

    it(`${provider}: approvals of named groups`, async () => {
      await each(pattern(), (found) => violates(found));
      await each(pattern({}, { ModelPackageGroupName: ["churn", "fraud"] }), (found) => violates(found));
    });

    it(`${provider}: a status filter that is absent, wider, or a pattern`, async () => {
      await each(pattern({}, { ModelApprovalStatus: undefined }), (found) => violates(found, status("absent")));
      for (const wide of [["Approved", "PendingManualApproval"], [{ "anything-but": "Rejected" }], [], "Approved"]) {
        await each(pattern({}, { ModelApprovalStatus: wide }), (found) =>
          violates(found, status(JSON.stringify(wide))),
        );
      }
    });

    it(`${provider}: a group filter that is absent or a pattern`, async () => {
      await each(pattern({}, { ModelPackageGroupName: undefined }), (found) => violates(found, group("absent")));
      await each(pattern({}, { ModelPackageGroupName: [{ prefix: "" }] }), (found) =>
        violates(found, group('[{"prefix":""}]')),
      );
    });

    it(`${provider}: no detail at all`, async () => {
      const bare = { source: ["aws.sagemaker"], "detail-type": [PACKAGES] };
      await each(bare, (found) => violates(found, status("absent"), group("absent")));
    });

    it(`${provider}: whatever admits package changes is about them`, async () => {
      const wide: Record<string, unknown>[] = [
        { source: ["aws.sagemaker"] },
        { "detail-type": [PACKAGES] },
        { source: [{ prefix: "aws." }] },
        { source: ["aws.sagemaker"], "detail-type": [{ prefix: "SageMaker" }] },
        { source: ["aws.sagemaker"], "detail-type": [{ suffix: "State Change" }] },
        { source: ["aws.sagemaker"], "detail-type": [{ "equals-ignore-case": PACKAGES.toUpperCase() }] },
        { source: ["aws.sagemaker"], "detail-type": [{ "anything-but": "Other" }] },
        { source: ["aws.sagemaker"], "detail-type": [{ "anything-but": ["Other"] }] },
        { source: ["aws.sagemaker"], "detail-type": [{ wildcard: "SageMaker*" }] },
        { source: ["aws.sagemaker"], "detail-type": [{ exists: true }] },
        { $or: [{ source: ["aws.sagemaker"] }, { source: ["x"] }] },
        { source: ["aws.sagemaker"], $or: [{ detail: { ModelApprovalStatus: ["Approved"] } }, { account: ["1"] }] },
      ];
      for (const one of wide) await each(one, (found) => violates(found, status("absent"), group("absent")));
    });

    it(`${provider}: what cannot be about packages is left alone`, async () => {
      const others: Record<string, unknown>[] = [
        { source: ["aws.ec2"] },
        { source: ["aws.sagemaker"], "detail-type": ["SageMaker Endpoint State Change"] },
        { source: ["aws.sagemaker"], "detail-type": [{ prefix: "SageMaker Training" }] },
        { source: ["aws.sagemaker"], "detail-type": [{ suffix: "Job State Change" }] },
        { source: ["aws.sagemaker"], "detail-type": [{ "equals-ignore-case": "other" }] },
        { source: [{ "anything-but": "aws.sagemaker" }] },
        { source: [{ "anything-but": ["aws.sagemaker", "x"] }] },
        { source: [{ exists: false }] },
        { source: "aws.sagemaker" },
        { source: [7] },
        { account: ["111122223333"] },
      ];
      for (const one of others) await each(one, (found) => violates(found));
    });

    it(`${provider}: a function that only records sees every change; one that says so without the tag does not`, async () => {
      const all = provider === "native" ? pattern({}, { ModelApprovalStatus: undefined }) : undefined;
      const bare = all ?? JSON.stringify(pattern({}, { ModelApprovalStatus: undefined }));
      for (const arn of [`${CODE}frugal-prod-record`, `${CODE}frugal-prod-record:live`])
        violates(await analyzeStack(rule, [...stack(provider, bare, arn), recorder(provider)]));
      const logs = "arn:aws:logs:us-east-1:111122223333:log-group:/aws/events/x";
      violates(await analyzeStack(rule, stack(provider, bare, logs)));

      const arn = `${CODE}frugal-prod-record`;
      const other = [...stack(provider, bare, arn), recorder(provider, "start-rollout")];
      violates(await analyzeStack(rule, other), status("absent"));
      const config = { recordingRoles: ["start-rollout"] };
      violates(await analyzeStack(rule, other, { config }));
      const untagged = broken(recorder(provider), "tags", undefined);
      violates(await analyzeStack(rule, [...stack(provider, bare, arn), untagged]), status("absent"));
      const twin = { ...recorder(provider === "native" ? "classic" : "native", "start-rollout"), name: "twin" };
      violates(await analyzeStack(rule, [...stack(provider, bare, arn), recorder(provider), twin]), status("absent"));
      violates(await analyzeStack(rule, stack(provider, bare, arn)), status("absent"));
      for (const strange of ["arn:aws:states:us-east-1:111122223333:stateMachine:frugal-prod-record", 7, "x"])
        violates(await analyzeStack(rule, [...stack(provider, bare, strange), recorder(provider)]), status("absent"));
    });

    it(`${provider}: a target not known yet is followed to the function it refers to`, async () => {
      const wide = JSON.stringify(pattern({}, { ModelApprovalStatus: undefined }));
      const property = provider === "native" ? "targets" : "arn";
      const following = (names: string[], role?: string): Resource[] => {
        const resources = stack(provider, wide, UNKNOWN);
        const last = resources.at(-1);
        if (last) last.propertyDependencies = { [property]: names };
        return [...resources, recorder(provider, role), compliant(provider, "role")];
      };
      violates(await analyzeStack(rule, following(["function"])));
      violates(await analyzeStack(rule, following(["function"], "start-rollout")), status("absent"));
      violates(await analyzeStack(rule, following(["role"])), status("absent"));
      violates(await analyzeStack(rule, following([])), status("absent"));
    });

    it(`${provider}: a pattern that is no pattern, and one that runs by the clock`, async () => {
      for (const [value, shown] of [
        ["{", '"{"'],
        ["[]", '"[]"'],
        ["7", '"7"'],
      ] as const) {
        violates(
          await analyzeStack(rule, stack(provider, value)),
          `approved-event-filtered/unreadable: ${at} is ${shown}, must be an event pattern, as an object or as JSON text. Correct the pattern.`,
        );
      }
      violates(await analyzeStack(rule, stack(provider, undefined)));
    });

    it(`${provider}: a pattern that is not known yet`, async () => {
      notes(
        await analyzeStack(rule, stack(provider, UNKNOWN)),
        `approved-event-filtered/waits: ${at} is not known yet, must be ${WORDS}. ${AGAIN}`,
      );
    });
  }

  it("native: unknown places inside the pattern", async () => {
    const wait = (path: string, limit: string) =>
      `approved-event-filtered/waits: eventPattern.detail${path} is not known yet, must be ${limit}. ${AGAIN}`;
    const judged = async (...args: Parameters<typeof pattern>) => analyzeStack(rule, stack("native", pattern(...args)));
    const approved = '["Approved"]';
    notes(await judged({}, { ModelApprovalStatus: UNKNOWN }), wait(".ModelApprovalStatus", approved));
    notes(await judged({}, { ModelApprovalStatus: ["Approved", UNKNOWN] }), wait(".ModelApprovalStatus[1]", approved));
    notes(await judged({}, { ModelPackageGroupName: [UNKNOWN] }), wait(".ModelPackageGroupName[0]", GROUPS));
    const whole = { source: ["aws.sagemaker"], detail: UNKNOWN };
    notes(await analyzeStack(rule, stack("native", whole)), wait("", approved), wait("", GROUPS));
    // What is not known may be SageMaker's.
    for (const source of [UNKNOWN, [UNKNOWN], [{ "anything-but": [UNKNOWN] }]]) {
      violates(
        await judged({ source }, { ModelApprovalStatus: undefined }),
        `approved-event-filtered/status: eventPattern.detail.ModelApprovalStatus is absent, must be ${approved}. ${STATUS_FIX}`,
      );
    }
  });

  it("native: a rule without targets starts nothing; one target among several is enough", async () => {
    const bare = pattern({}, { ModelApprovalStatus: undefined });
    const [one] = stack("native", bare);
    if (!one) throw new Error("no rule");
    violates(await analyzeStack(rule, [broken(one, "targets", undefined)]));
    const logs = { id: "l", arn: "arn:aws:logs:us-east-1:111122223333:log-group:/aws/events/x" };
    const two = broken(one, "targets", [logs, { id: "x", arn: "arn:aws:sqs:us-east-1:111122223333:q" }]);
    violates(
      await analyzeStack(rule, [two]),
      `approved-event-filtered/status: eventPattern.detail.ModelApprovalStatus is absent, must be ["Approved"]. ${STATUS_FIX}`,
    );
  });

  it("classic: the target's rule is followed by reference, and must be in the program", async () => {
    const bare = compliant("classic", "eventRule");
    bare.props.eventPattern = JSON.stringify(pattern({}, { ModelApprovalStatus: undefined }));
    const target = broken(compliant("classic", "eventTarget"), "rule", UNKNOWN);
    const followed = { ...target, propertyDependencies: { rule: ["eventRule"] } };
    violates(
      await analyzeStack(rule, [bare, followed]),
      `approved-event-filtered/status: rule > "eventRule" eventPattern.detail.ModelApprovalStatus is absent, must be ["Approved"]. ${STATUS_FIX}`,
    );
    notes(
      await analyzeStack(rule, [target]),
      `approved-event-filtered/waits: rule is not known yet, must be ${WORDS}. ${AGAIN}`,
    );
    const fix = "Declare rule and target in one program, so that what starts on which event can be seen.";
    for (const [value, shown] of [
      ["elsewhere", '"elsewhere", which is no rule of this program'],
      [7, "7, which is no rule of this program"],
      [undefined, "absent"],
    ] as const) {
      violates(
        await analyzeStack(rule, [broken(compliant("classic", "eventTarget"), "rule", value)]),
        `approved-event-filtered/dangling: rule is ${shown}, must be a rule with ${WORDS}. ${fix}`,
      );
    }
    // A rule of the other provider is found too.
    violates(await analyzeStack(rule, [compliant("native", "eventRule"), compliant("classic", "eventTarget")]));
  });
});
