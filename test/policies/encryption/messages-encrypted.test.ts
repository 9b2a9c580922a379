import assert from "node:assert/strict";
import rule from "../../../policies/encryption/messages-encrypted.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import { analyze, analyzeStack, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const LATER = "It is judged at update, before the resource is touched.";
const REFUSES = "a policy that denies everybody plain transport";
const NAMED = "Name the principals, or fix who may come by a condition such as aws:PrincipalAccount or aws:SourceArn.";
const NONE = `messages-encrypted/none: policy is absent, must be ${REFUSES}. Declare one, with a Deny when aws:SecureTransport is false.`;
const TRANSPORT = (path: string) =>
  `messages-encrypted/transport: ${path} is a policy without it, must be ${REFUSES}. Add: Deny, Principal "*", sns:Publish or sqs:* on it, Bool aws:SecureTransport "false".`;
const waits = (path: string, limit: string) =>
  `messages-encrypted/waits: ${path} is not known yet, must be ${limit}. ${LATER}`;

describe("messages-encrypted", () => {
  for (const provider of PROVIDERS) {
    const topic = compliant(provider, "topic");
    const queue = compliant(provider, "queue");

    it(`${provider}: a topic under the stage's key`, async () => {
      const text = (check: string, shown: string, fix: string) =>
        `messages-encrypted/${check}: kmsMasterKeyId is ${shown}, must be a key of the stage's own. ${fix}`;
      const name = "Name the key; its policy must let the publishing services use it.";
      const dev = { config: { topicKey: "optional" } };
      for (const [value, shown] of [
        [undefined, "absent"],
        ["", "empty"],
        [true, "true"],
      ] as const) {
        violates(await analyze(rule, broken(topic, "kmsMasterKeyId", value)), text("topic", shown, name));
      }
      violates(await analyze(rule, broken(topic, "kmsMasterKeyId", undefined), dev));
      for (const value of ["alias/frugal-prod", "11111111-2222-3333-4444-555555555555"])
        violates(await analyze(rule, broken(topic, "kmsMasterKeyId", value)));
      const fix = "Use a key whose policy lets the publishing services use it; AWS's own cannot be changed.";
      for (const value of ["alias/aws/sns", "arn:aws:kms:us-east-1:111122223333:alias/aws/sns"]) {
        for (const options of [{}, dev]) {
          violates(
            await analyze(rule, broken(topic, "kmsMasterKeyId", value), options),
            text("publisher", `"${value}"`, fix),
          );
        }
      }
      notes(
        await analyze(rule, broken(topic, "kmsMasterKeyId", UNKNOWN)),
        waits("kmsMasterKeyId", "a key of the stage's own"),
      );
    });

    it(`${provider}: a queue whose encryption is not turned off`, async () => {
      const managed = "sqsManagedSseEnabled";
      const off = (shown: string) =>
        `messages-encrypted/queue: ${managed} is ${shown}, must be true, as there is no kmsMasterKeyId. Leave it out, or name a key.`;
      violates(await analyze(rule, broken(queue, managed, undefined)));
      violates(await analyze(rule, broken(queue, managed, false)), off("false"));
      violates(await analyze(rule, broken(queue, managed, "true")), off('"true"'));
      violates(await analyze(rule, broken(broken(queue, managed, false), "kmsMasterKeyId", "")), off("false"));
      violates(await analyze(rule, broken(broken(queue, managed, false), "kmsMasterKeyId", "alias/aws/sqs")));
      notes(
        await analyze(rule, broken(queue, managed, UNKNOWN)),
        waits(managed, "true, as there is no kmsMasterKeyId"),
      );
      notes(
        await analyze(rule, broken(broken(queue, managed, false), "kmsMasterKeyId", UNKNOWN)),
        waits("kmsMasterKeyId", `a key, as ${managed} is not true`),
      );
    });

    it(`${provider}: without a policy plain transport is not refused`, async () => {
      const policies = (
        provider === "native" ? ["topicPolicy", "queueInlinePolicy"] : ["topicPolicy", "queuePolicy"]
      ).map((family) => compliant(provider, family));
      violates(await analyzeStack(rule, [topic, queue, ...policies]));
      violates(await analyzeStack(rule, [topic, queue]), NONE, NONE);
      const [found, ...more] = await analyzeStack(rule, [topic, queue, policies[0] ?? topic]);
      assert.deepEqual([found?.on, found?.text, more.length], ["queue", NONE, 0]);
      // A queue's policy is none of a topic's, though both have the name.
      const named = (resource: Resource) =>
        broken(resource, Object.keys(resource.props)[0] ?? "", "frugal-prod-failed");
      const [first] = await analyzeStack(rule, [named(topic), ...policies]);
      assert.equal(first?.text, NONE);
      // By reference.
      const target = { native: "topics", classic: "arn" }[provider];
      const byReference = {
        ...broken(policies[0] ?? topic, target, UNKNOWN),
        propertyDependencies: { [target]: ["topic"] },
      };
      violates(await analyzeStack(rule, [topic, byReference]));
      const other = { ...topic, name: "other", props: {} };
      assert.deepEqual(
        (await analyzeStack(rule, [topic, other, byReference])).map(({ on }) => on),
        ["other"],
      );
    });
  }

  it("classic: a policy in the topic or queue itself", async () => {
    for (const family of ["topic", "queue"]) {
      const owner = compliant("classic", family);
      const { policy } = compliant("classic", `${family}Policy`).props;
      violates(await analyzeStack(rule, [broken(owner, "policy", policy)]));
      violates(await analyze(rule, broken(owner, "policy", policy)));
      violates(await analyze(rule, broken(owner, "policy", { Statement: [] })), TRANSPORT("policy"));
      violates(await analyze(rule, broken(owner, "policy", "")));
      violates(await analyzeStack(rule, [broken(owner, "policy", "")]), NONE);
      violates(await analyzeStack(rule, [broken(owner, "policy", UNKNOWN)]), NONE);
      const computed = { ...broken(owner, "policy", UNKNOWN), propertyDependencies: { policy: [owner.name] } };
      violates(await analyzeStack(rule, [computed]));
      notes(await analyze(rule, computed), waits("policy", REFUSES));
    }
  });

  for (const [provider, family, path, service, target] of [
    ["native", "topicPolicy", "policyDocument", "sns", "topics"],
    ["native", "topicInlinePolicy", "policyDocument", "sns", "topicArn"],
    ["classic", "topicPolicy", "policy", "sns", "arn"],
    ["native", "queueInlinePolicy", "policyDocument", "sqs", "queue"],
    ["classic", "queuePolicy", "policy", "sqs", "queueUrl"],
  ] as const) {
    const policy = compliant(provider, family);
    const every = service === "sns" ? "sns:Publish" : "sqs:*";
    const name = service === "sns" ? "frugal-prod-notices" : "frugal-prod-failed";
    const arn = `arn:aws:${service}:us-east-1:111122223333:${name}`;
    const deny = (change: object = {}) => ({
      Effect: "Deny",
      Principal: "*",
      Action: every,
      Resource: arn,
      Condition: { Bool: { "aws:SecureTransport": "false" } },
      ...change,
    });
    const held = (...statements: unknown[]) => broken(policy, path, { Statement: statements });

    it(`${provider} ${family}: plain transport is refused, in both forms`, async () => {
      for (const change of [
        {},
        { Principal: { AWS: ["*"] } },
        { Action: "*" },
        { Action: [`${service}:*`, "x:y"] },
        { Resource: "*" },
        { Resource: ["arn:aws:x:::y", arn] },
        { Resource: arn.replace(name, "frugal-*") },
        { Condition: { Bool: { "aws:securetransport": false } } },
      ]) {
        violates(await analyze(rule, held(deny(change))));
        violates(await analyze(rule, broken(policy, path, JSON.stringify({ Statement: deny(change) }))));
      }
      for (const change of [
        { Effect: "Allow", Principal: { AWS: "arn:aws:iam::111122223333:root" } },
        { Principal: { Service: "events.amazonaws.com" } },
        { Action: `${service}:Subscribe` },
        { Resource: `${arn}-2` },
        { Resource: undefined },
        { Condition: undefined },
        { Condition: { Bool: { "aws:SecureTransport": "true" } } },
        { Condition: { Bool: { "aws:SecureTransport": "false" }, StringEquals: { "aws:SourceAccount": "1" } } },
      ]) {
        violates(await analyze(rule, held(deny(change))), TRANSPORT(path));
      }
      violates(await analyze(rule, held(deny({ Resource: `${arn}-2` }), deny())));
      if (service === "sqs") violates(await analyze(rule, held(deny({ Action: "sqs:SendMessage" }))), TRANSPORT(path));
      // Which one it is shows later; then it is compared.
      violates(await analyze(rule, broken(held(deny({ Resource: `${arn}-2` })), target, UNKNOWN)));
    });

    it(`${provider} ${family}: named senders`, async () => {
      const open = (condition?: object) => ({
        Effect: "Allow",
        Principal: "*",
        Action: every,
        Resource: arn,
        Condition: condition,
      });
      const text = `messages-encrypted/policy: ${path}.Statement[0].Principal is "*", must be named principals in an Allow. ${NAMED}`;
      violates(await analyze(rule, held(open(), deny())), text);
      violates(await analyze(rule, held(open({ StringLike: { "aws:SourceAccount": "*" } }), deny())), text);
      violates(await analyze(rule, held(open({ StringEquals: { "aws:SourceAccount": "111122223333" } }), deny())));
      notes(
        await analyze(rule, held(open(UNKNOWN as never), deny())),
        waits(`${path}.Statement[0].Condition`, "a condition that fixes who may come"),
      );
    });

    it(`${provider} ${family}: what cannot be read, or is not known yet`, async () => {
      violates(
        await analyze(rule, broken(policy, path, "{")),
        `messages-encrypted/unreadable: ${path} is "{", must be a policy document, as an object or as JSON text. Correct the document.`,
      );
      notes(await analyze(rule, broken(policy, path, UNKNOWN)), waits(path, REFUSES));
      notes(await analyze(rule, held(UNKNOWN)), waits(`${path}.Statement[0]`, REFUSES));
      for (const [key, at] of [
        ["Action", "Action"],
        ["Resource", "Resource"],
        ["Condition", "Condition"],
      ] as const) {
        notes(await analyze(rule, held(deny({ [key]: UNKNOWN }))), waits(`${path}.Statement[0].${at}`, REFUSES));
      }
    });
  }
});
