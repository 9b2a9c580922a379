/** Attacks by other programs and roles, on the emulators with the real page, functions, roles and states. */
import assert from "node:assert/strict";
import { UpdateModelPackageCommand } from "@aws-sdk/client-sagemaker";
import { SendTaskSuccessCommand, SFNClient } from "@aws-sdk/client-sfn";
import { packetDigest } from "../../../contracts/approvals.ts";
import { arnOf } from "../../../contracts/iam.ts";
import { type Page, send } from "../../../local/walkthrough/browser.ts";
import { submissionSample } from "../../../workflow/samples.ts";
import { grants as submissionGrants } from "../../../workflow/submission.ts";
import type { Asked } from "./asked.ts";
import { ApprovalBench } from "./bench.ts";
import { ADA, approve, assertDecided, assertUntouched, GRACE, JOAN } from "./people.ts";
import { type Credentials, signed } from "./sign.ts";

const scope = { account: "111122223333", region: "us-east-1" };

describe("attacks on an approval by the signed route and by other roles", function () {
  this.timeout(60_000);
  let bench: ApprovalBench;
  after(() => bench?.close());

  let granted: Credentials;
  let stranger: Credentials;
  let elsewhere: Credentials;
  before(async () => {
    bench = await ApprovalBench.open();
    const id = new URL(bench.url).hostname.split(".")[0];
    const invoke = (resource: string) => [
      { Effect: "Allow" as const, Action: "execute-api:Invoke", Resource: arnOf(scope, "execute-api", resource) },
    ];
    const roles = await Promise.all([
      bench.role("portal", "lambda", invoke(`${id}/*/POST/decisions/*`)),
      bench.role("stranger", "lambda", [{ Effect: "Allow", Action: "s3:ListAllMyBuckets", Resource: "*" }]),
      bench.role("elsewhere", "lambda", invoke("0000000000/*/POST/decisions/*")),
    ]);
    [granted, stranger, elsewhere] = (await Promise.all(roles.map((arn) => bench.session(arn, "portal")))) as [
      Credentials,
      Credentials,
      Credentials,
    ];
  });

  const bodyOf = (asked: Asked, change: object = {}) =>
    JSON.stringify({ approver: ADA, ...approve, packetDigest: packetDigest(asked.packet), ...change });
  const urlOf = (asked: Asked) => `${bench.url}/decisions/${asked.packet.submissionId}`;
  const post = (asked: Asked, credentials: Credentials, body = bodyOf(asked)): Promise<Page> =>
    send(urlOf(asked), { method: "POST", headers: signed(urlOf(asked), body, credentials), body });

  it("lets a granted program decide for a person who was asked, and keeps who it was", async () => {
    const asked = await bench.ask();
    await asked.link(ADA);
    const answer = await post(asked, granted);
    assert.equal(answer.status, 200, answer.text);
    await assertDecided(asked, "Approved", ADA);
    assert.equal(
      (await asked.item())?.votes[0]?.via,
      `arn:aws:sts::${scope.account}:assumed-role/frugal-dev-portal/portal`,
    );
  });

  it("refuses whoever has no grant, no signature, a wrong one, or one of another request", async () => {
    const asked = await bench.ask();
    await asked.link(ADA);
    const url = urlOf(asked);
    const body = bodyOf(asked);
    const true_ = signed(url, body, granted);
    const stale = new Date(Date.now() - 3_600_000);
    const tries: [string, Record<string, string>, string][] = [
      ["no grant", signed(url, body, stranger), body],
      ["a grant for another API", signed(url, body, elsewhere), body],
      ["no signature", { "content-type": "application/json" }, body],
      ["no scheme of AWS", { "content-type": "application/json", authorization: "Bearer x" }, body],
      ["a wrong key", signed(url, body, { ...granted, secretAccessKey: "wrong" }), body],
      ["a changed body", true_, bodyOf(asked, { approver: JOAN })],
      ["another path", signed(`${bench.url}/decisions/sub-00000000000000000000`, body, granted), body],
      ["another service", signed(url, body, granted, { service: "s3" }), body],
      ["no session token", signed(url, body, { ...granted, sessionToken: undefined }), body],
      ["an old signature", signed(url, body, granted, { time: stale }), body],
    ];
    for (const [what, headers, sent] of tries) {
      const answer = await send(url, { method: "POST", headers, body: sent });
      assert.ok([401, 403].includes(answer.status), `${what}: ${answer.status} ${answer.text}`);
    }
    await assertUntouched(asked);
    await asked.stop();
  });

  it("refuses persons who were not asked, the submitter, other evidence, and other shapes", async () => {
    const [asked, other] = await Promise.all([bench.ask(), bench.ask()]);
    await Promise.all([asked.link(ADA), other.link(ADA)]);
    const tries: [object, number][] = [
      [{ approver: "mallory@example.com" }, 403],
      [{ approver: GRACE }, 403],
      [{ packetDigest: packetDigest(other.packet) }, 409],
      [{ decidedBy: JOAN }, 400],
      [{ comment: "" }, 400],
      [{ decision: "approved" }, 400],
    ];
    for (const [change, status] of tries) {
      const answer = await post(asked, granted, bodyOf(asked, change));
      assert.equal(answer.status, status, `${JSON.stringify(change)}: ${answer.text}`);
    }
    const big = await post(asked, granted, bodyOf(asked, { comment: "x".repeat(100_000) }));
    assert.equal(big.status, 400, big.text);
    await assertUntouched(asked);
    await Promise.all([asked.stop(), other.stop()]);
  });

  it("refuses the submitter's own session, whomever it names", async () => {
    const asked = await bench.ask();
    await asked.link(ADA);
    const own = await bench.session(arnOf({ ...scope, region: "" }, "iam", "role/frugal-dev-portal"), GRACE);
    const answer = await post(asked, own);
    assert.equal(answer.status, 403, answer.text);
    assert.match(answer.text, /submitted the model may not decide/);
    await assertUntouched(asked);
    await asked.stop();
  });

  it("does not let links in unsigned by its path, nor signed requests by the links' path", async () => {
    const asked = await bench.ask();
    const token = (await asked.link(ADA)).slice(-43);
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const body = new URLSearchParams(approve).toString();
    const crossed = await send(`${bench.url}/decisions/${token}`, { method: "POST", headers: form, body });
    assert.ok([401, 403].includes(crossed.status), String(crossed.status));
    const other = await send(`${bench.url}/approvals/${asked.packet.submissionId}`, {
      method: "POST",
      headers: form,
      body,
    });
    assert.equal(other.status, 404);
    await assertUntouched(asked);
    await asked.stop();
  });

  it("approves nothing: only the recorder's role may set a status", async () => {
    const asked = await bench.ask();
    await asked.link(ADA);
    const update = (credentials: Credentials) =>
      bench
        .sagemaker(credentials)
        .send(new UpdateModelPackageCommand({ ModelPackageArn: asked.packageArn, ModelApprovalStatus: "Approved" }));
    const roles = [
      await bench.role("whole-submission", "lambda", submissionGrants(submissionSample).slice(0)),
      arnOf({ ...scope, region: "" }, "iam", "role/frugal-dev-decide-approval"),
      arnOf({ ...scope, region: "" }, "iam", "role/frugal-dev-request-approval"),
    ];
    for (const role of roles) {
      await assert.rejects(update(await bench.session(role, "someone")), { name: "AccessDeniedException" }, role);
    }
    await assertUntouched(asked);
    await asked.stop();
  });

  it("decides nothing with a task token that it does not have", async () => {
    const asked = await bench.ask();
    await asked.link(ADA);
    const role = arnOf({ ...scope, region: "" }, "iam", "role/frugal-dev-record-decision");
    const item = await asked.item();
    const sfn = new SFNClient(bench.config(await bench.session(role, "someone")));
    const output = JSON.stringify({ decision: "Approved" });
    await assert.rejects(sfn.send(new SendTaskSuccessCommand({ taskToken: item?.taskToken, output })), {
      name: "AccessDeniedException",
    });
    const root = new SFNClient(bench.config());
    await assert.rejects(root.send(new SendTaskSuccessCommand({ taskToken: "made-up", output })));
    await assertUntouched(asked);
    await asked.stop();
  });
});
