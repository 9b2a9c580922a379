/** The approval's handlers and pages on 10,000 inputs each: no crash, no way around, no secret in a page, log or error. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { packetDigest } from "../../contracts/approvals.ts";
import { errorNames } from "../../contracts/errors.ts";
import { ApprovalPacket } from "../../contracts/submission.ts";
import { askPage } from "../../functions/decide-approval/pages.ts";
import { HttpEvent, readDecision, readForm } from "../../functions/decide-approval/request.ts";
import { makeHandler as makeRecordHandler } from "../../functions/record-decision/record.ts";
import { approvalMail, approvalNotice } from "../../functions/request-approval/mail.ts";
import { makeHandler as makeRequestHandler } from "../../functions/request-approval/request.ts";
import {
  approvalSetup,
  assertInert,
  assertPage,
  requestEnvironment,
  signedEvent,
  taskToken,
} from "./support/approval-page.ts";
import { FakeApprovals } from "./support/fake-approvals.ts";
import { fakeLog } from "./support/fake-log.ts";
import { eventFixture } from "./support/fixtures.ts";
import { dataBucket, packageArn, packet } from "./support/samples.ts";

const numRuns = 10_000;
/** Text that people, jobs and attackers may write. */
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.constantFrom(
    "<script>alert(1)</script>",
    "\r\nBcc: eve@example.com",
    "' onx=1 \"",
    "../../x",
    "__proto__",
    "\u2028",
    "\ud800",
  ),
);
const json = fc.jsonValue({ maxDepth: 3 });

/** A value with one of its leaves, or the whole of it, replaced or removed. */
function mutated(sample: object): fc.Arbitrary<unknown> {
  const paths = leaves(sample);
  return fc.tuple(fc.constantFrom(...paths), fc.oneof(json, text, fc.constant(undefined))).map(([path, value]) => {
    const copy = structuredClone(sample) as Record<string, unknown>;
    let at = copy;
    for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
    const last = path.at(-1) ?? "";
    if (value === undefined) delete at[last];
    else at[last] = value;
    return copy;
  });
}

function leaves(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, member]) => leaves(member, [...path, key]));
  return path.length > 0 ? [path, ...inner] : inner;
}

/** Nothing secret is in what was told: neither the task token nor the random part of a link. */
function assertNoSecret(told: string, tokens: readonly string[]): void {
  for (const secret of [taskToken, ...tokens]) assert.equal(told.includes(secret), false, "a secret was told");
}

describe("the approval's parsers and handlers on 10,000 inputs", function () {
  this.timeout(120_000);

  it("reads any body as a form and as JSON", () => {
    const base = signedEvent("{}");
    const types = fc.constantFrom("application/json", "application/x-www-form-urlencoded", "text/plain", undefined);
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          json.map((value) => JSON.stringify(value)),
          fc.base64String(),
        ),
        fc.boolean(),
        types,
        (body, isBase64Encoded, type) => {
          const event = HttpEvent.parse({
            ...base,
            body,
            isBase64Encoded,
            headers: type ? { "content-type": type } : {},
          });
          const form = readForm(event);
          assert.ok("faults" in form ? form.faults.length > 0 : form.comment !== "");
          const decision = readDecision(event);
          assert.ok("fault" in decision ? decision.fault !== "" : decision.comment !== "");
        },
      ),
      { numRuns },
    );
  });

  it("answers any HTTP request to the page, and lets none of them decide without a link", async () => {
    const { approvals, log, handler, ada, joan } = await approvalSetup();
    const event = { ...eventFixture("http-post"), pathParameters: { token: "A".repeat(43) } };
    await fc.assert(
      fc.asyncProperty(fc.oneof(json, mutated(event), fc.anything()), async (input) => {
        const page = await handler(input);
        assert.ok([400, 403, 404, 405].includes(page.statusCode), String(page.statusCode));
        assertNoSecret(page.body, [ada, joan]);
      }),
      { numRuns },
    );
    assert.equal(approvals.packetItem.votes.length, 0);
    assertNoSecret(log.text(), [ada, joan]);
  });

  it("answers any form behind a true link, and shows nothing that runs", async () => {
    const { approvals, log, handler, ada, joan } = await approvalSetup();
    const untouched = structuredClone(approvals.packetItem);
    const form = fc.record(
      {
        decision: fc.oneof(fc.constantFrom("Approved", "Rejected"), text),
        comment: text,
        approver: text,
        packetDigest: text,
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(form, fc.constantFrom("GET", "POST", "HEAD", "PUT"), async (fields, method) => {
        approvals.items.set(untouched.pk, structuredClone(untouched));
        const body = new URLSearchParams(fields as Record<string, string>).toString();
        const sample = eventFixture("http-post");
        const context = { ...(sample.requestContext as object), http: { method } };
        const page = await handler({
          ...sample,
          pathParameters: { token: ada },
          requestContext: context,
          body,
          isBase64Encoded: false,
        });
        if (page.body !== "") assertPage({ ...page, body: page.body }, page.statusCode, /<h1>/);
        assertNoSecret(page.body, [ada, joan]);
        const votes = approvals.packetItem.votes;
        if (method !== "POST") assert.deepEqual(votes, []);
        // Whatever the form says, the person is the link's.
        for (const vote of votes) assert.deepEqual([vote.approver, vote.via], ["ada@example.com", "link"]);
      }),
      { numRuns },
    );
    assertNoSecret(log.text(), [ada, joan]);
  });

  it("answers any signed request, and takes only people who were asked", async () => {
    const { approvals, log, handler, asked, ada } = await approvalSetup();
    const untouched = structuredClone(approvals.packetItem);
    const good = {
      approver: "ada@example.com",
      decision: "Approved",
      comment: "fine",
      packetDigest: packetDigest(asked),
    };
    const event = signedEvent(good, { id: asked.submissionId });
    const inputs = fc.oneof(
      fc.oneof(json, mutated(good)).map((body) => signedEvent(body ?? "", { id: asked.submissionId })),
      mutated(event),
    );
    await fc.assert(
      fc.asyncProperty(inputs, async (input) => {
        approvals.items.set(untouched.pk, structuredClone(untouched));
        const page = await handler(input);
        assert.ok([200, 400, 403, 404, 405, 409].includes(page.statusCode), `${page.statusCode} ${page.body}`);
        assertNoSecret(page.body, [ada]);
        for (const vote of approvals.packetItem.votes) {
          assert.ok(approvals.packetItem.approvers.includes(vote.approver));
          assert.ok(vote.via.startsWith("arn:"));
          assert.equal(approvals.packetItem.packetDigest, packetDigest(asked));
        }
      }),
      { numRuns },
    );
    assertNoSecret(log.text(), [ada]);
  });

  it("asks for any packet that is one, and refuses the rest by name", async () => {
    const input = { taskToken, packet: packet(), expiresAt: "2026-01-09T00:00:00Z", reminder: false };
    const known = Object.values(errorNames) as string[];
    await fc.assert(
      fc.asyncProperty(
        fc.oneof({ weight: 1, arbitrary: json }, { weight: 4, arbitrary: mutated(input) }),
        async (event) => {
          const approvals = new FakeApprovals();
          const log = fakeLog();
          const error = await makeRequestHandler(
            approvals.request(),
            requestEnvironment,
            log,
          )(event).then(
            () => undefined,
            (thrown: Error) => thrown,
          );
          if (error) assert.ok(known.includes(error.name), `${error.name}: ${error.message}`);
          const tokens = approvals.mails.map(({ mail }) => /approvals\/(\S{43})/.exec(mail.text)?.[1] ?? taskToken);
          assertNoSecret(log.text() + String(error?.message), tokens);
          assertNoSecret(JSON.stringify([approvals.requested, approvals.notices]), tokens);
          for (const { mail } of approvals.mails) assert.doesNotMatch(mail.subject, /[\p{Cc}]/u);
        },
      ),
      { numRuns },
    );
  });

  it("records any decision that is one, and refuses the rest by name", async () => {
    const decision = {
      decision: "Approved",
      decidedBy: "ada@example.com",
      decidedAt: "2026-01-02T00:00:00.000Z",
      comment: "fine",
      packetDigest: packetDigest(packet()),
      votes: [
        {
          approver: "ada@example.com",
          decision: "Approved",
          at: "2026-01-02T00:00:00.000Z",
          comment: "fine",
          via: "link",
        },
      ],
    };
    const decided = { modelPackageArn: packageArn, decision };
    const ended = { modelPackageArn: packageArn, ended: { by: "expiry", comment: "late", packet: packet() } };
    const known = Object.values(errorNames) as string[];
    const { approvals } = await approvalSetup();
    const untouched = structuredClone(approvals.packetItem);
    const inputs = fc.oneof(
      { weight: 1, arbitrary: json },
      { weight: 3, arbitrary: mutated(decided) },
      { weight: 3, arbitrary: mutated(ended) },
    );
    await fc.assert(
      fc.asyncProperty(inputs, async (event) => {
        approvals.items.set(untouched.pk, structuredClone(untouched));
        const log = fakeLog();
        const statuses: string[] = [];
        const ports = approvals.record({
          describe: async () => ({ ModelApprovalStatus: "PendingManualApproval" }),
          update: async (_arn, update) => {
            statuses.push(update.ModelApprovalStatus);
            for (const value of Object.values(update.CustomerMetadataProperties)) {
              assert.match(value, /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,256}$/u);
            }
            assert.match(update.ApprovalDescription, /^.{1,1024}$/su);
          },
        });
        const error = await makeRecordHandler(
          ports,
          { STAGE: "dev" },
          log,
        )(event).then(
          () => undefined,
          (thrown: Error) => thrown,
        );
        if (error) assert.ok(known.includes(error.name), `${error.name}: ${error.message}`);
        assert.ok(statuses.every((status) => status === "Approved" || status === "Rejected"));
        assertNoSecret(log.text() + String(error?.message), []);
      }),
      { numRuns },
    );
  });

  it("shows any packet in page, mail and notice without anything that runs or breaks a line", async () => {
    const { approvals } = await approvalSetup();
    const item = approvals.packetItem;
    const note = fc.record({ note: text, image: text.map((value) => value || "x"), value: text, caution: text });
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutated(packet()), note), async (change) => {
        const candidate = ApprovalPacket.safeParse(
          "note" in (change as object) && "caution" in (change as object) ? spiked(change as Spikes) : change,
        );
        if (!candidate.success) return;
        const shown = candidate.data;
        const page = askPage(
          { stage: shown.stage, dataBucket },
          { ...item, packet: JSON.stringify(shown) },
          "ada@example.com",
        );
        assertPage(page, 200, /<h1>/);
        const asked = { dataBucket, expiresAt: item.expiresAt, required: 1, asked: 2 };
        const mail = approvalMail(shown, { ...asked, url: "https://example.com/approvals/x" });
        assert.equal(mail.text.match(/^Decide here:$/gm)?.length, 1);
        assertInert(mail.html);
        const notice = approvalNotice(shown, asked);
        assert.ok(notice.subject.length < 100);
        assert.doesNotMatch(notice.subject, /\p{Cc}/u);
      }),
      { numRuns },
    );
  });
});

interface Spikes {
  note: string;
  image: string;
  value: string;
  caution: string;
}

/** A packet with the given texts in the places that people and jobs fill. */
function spiked({ note, image, value, caution }: Spikes): unknown {
  const sample = packet();
  return {
    ...sample,
    note,
    containers: sample.containers.map((one) => ({ ...one, image })),
    verdict: {
      ...sample.verdict,
      cautions: [caution],
      slices: sample.verdict.slices.map((slice) => ({ ...slice, value })),
    },
  };
}
