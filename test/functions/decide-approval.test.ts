/** The approval page: GET changes nothing, exactly one decision stands, and every odd path has a page of its own. */
import assert from "node:assert/strict";
import { makeHandler } from "../../functions/decide-approval/approve.ts";
import {
  approve,
  assertPage,
  decideEnvironment,
  reject,
  approvalSetup as setup,
  taskToken,
  unknownToken,
} from "./support/approval-page.ts";
import { awsError } from "./support/fake-client.ts";
import { fakeLog } from "./support/fake-log.ts";
import { eventFixture } from "./support/fixtures.ts";
import { artifactDigest, datasetVersion, jobName, packageArn } from "./support/samples.ts";

describe("functions/decide-approval", () => {
  it("shows the evidence and the form, and changes nothing however often it is opened", async () => {
    const { approvals, get, ada } = await setup();
    const before = structuredClone([...approvals.items]);
    const first = await get(ada);
    assertPage(first, 200, /Approve frugal-dev-breast-cancer version 7\?/);
    const shown = [
      "0.9900",
      "0.9800",
      "+0.0100",
      "−0.0150 to +0.0300",
      "0.9700 to 1.0000",
      "171",
      datasetVersion,
      artifactDigest,
      "baseline",
      jobName,
      "grace@example.com",
      "2026-01-09 00:00 UTC",
      packageArn,
      "You decide as ada@example.com",
      "More rows than last month",
      "With 95 % confidence the difference lies between −0.0150 and +0.0300 (plus is better), which includes no difference",
      "mean_radius: 6.9 to 11.7",
      "1, of 2 asked; one rejection decides",
      "1,024 MB, at most 5 at once",
      "not calculated: no prices for us-east-1 are on record",
      "https://us-east-1.console.aws.amazon.com/s3/object/frugal-dev-data-111122223333-us-east-1?region=us-east-1&amp;bucketType=general&amp;prefix=datasets%2Fbreast-cancer%2F",
    ];
    for (const text of shown) assert.ok(first.body.includes(text), `${text} must be shown`);
    assert.match(first.body, /<html lang="en">[\s\S]*<th scope="row" role="rowheader">[\s\S]*<label for="comment">/);
    assert.deepEqual(await get(ada), first);
    assert.deepEqual([...approvals.items], before);
    assert.equal(approvals.delivered.length, 0);
  });

  it("answers HEAD as GET without the body", async () => {
    const { handler, ada } = await setup();
    const event = eventFixture("http-get");
    const context = event.requestContext as { http: object };
    const page = await handler({
      ...event,
      pathParameters: { token: ada },
      requestContext: { http: { ...context.http, method: "HEAD" } },
    });
    assert.equal(page.statusCode, 200);
    assert.equal(page.body, "");
  });

  it("takes an approval, hands it on with the person of the link, and keeps the comment", async () => {
    const { approvals, post, ada } = await setup();
    assertPage(
      await post(ada, { decision: "Approved", comment: " well\r\ndone " }),
      200,
      /You approved frugal-dev-breast-cancer/,
    );
    const { packetDigest } = approvals.packetItem;
    const decision = {
      decision: "Approved",
      decidedBy: "ada@example.com",
      decidedAt: "2026-01-02T00:00:00.000Z",
      comment: "well\ndone",
      packetDigest,
      votes: [
        {
          approver: "ada@example.com",
          decision: "Approved",
          at: "2026-01-02T00:00:00.000Z",
          comment: "well\ndone",
          via: "link",
        },
      ],
    };
    assert.deepEqual(approvals.delivered, [{ taskToken, decision }]);
    assert.deepEqual(approvals.packetItem.decision, decision);
    assert.ok(approvals.packetItem.deliveredAt);
  });

  it("tells the event bus what was decided, and decides whether or not the bus hears of it", async () => {
    const { approvals, post, asked, ada } = await setup();
    await post(ada, approve);
    const { stage, submissionId, modelPackageArn } = asked;
    assert.deepEqual(approvals.decided, [
      { stage, submissionId, modelPackageArn, decision: approvals.packetItem.decision },
    ]);
    assert.equal(JSON.stringify(approvals.decided).includes(taskToken), false);
    const deaf = await setup();
    deaf.approvals.tellError = awsError("InternalFailure");
    assertPage(await deaf.post(deaf.ada, approve), 200, /You approved/);
    assert.equal(deaf.approvals.delivered.length, 1);
    assert.match(deaf.log.text(), /decision not announced.*InternalFailure/);
  });

  it("takes a body in base64, as API Gateway may send it", async () => {
    const { approvals, handler, ada } = await setup();
    const page = await handler({ ...eventFixture("http-post"), pathParameters: { token: ada } });
    assertPage(page, 200, /You approved/);
    assert.equal(approvals.delivered[0]?.decision.decision, "Approved");
  });

  it("takes a decision only with a comment", async () => {
    const { approvals, post, ada } = await setup();
    for (const decision of ["Approved", "Rejected"]) {
      assertPage(await post(ada, { decision, comment: "  " }), 400, /Say in the comment why you decide so/);
    }
    assert.equal(approvals.packetItem.decision, undefined);
    assertPage(await post(ada, reject), 200, /You rejected[\s\S]*not enough rows/);
    assert.equal(approvals.delivered[0]?.decision.comment, "not enough rows");
  });

  const faulty: [string, Record<string, string> | string, object, RegExp][] = [
    ["no decision", { comment: "x" }, {}, /Choose either to approve or to reject/],
    ["another decision", { decision: "PendingManualApproval" }, {}, /Choose either/],
    ["two decisions", "decision=Approved&decision=Rejected&comment=x", {}, /Choose either/],
    [
      "a comment that is too long",
      { decision: "Approved", comment: "x".repeat(1001) },
      {},
      /has 1001 characters; at most 1000/,
    ],
    ["a body that is too long", { decision: "Approved", comment: "x".repeat(50_000) }, {}, /The form is too long/],
    ["JSON", '{"decision":"Approved"}', { headers: { "Content-Type": "application/json" } }, /not sent as a form/],
    ["two comments", "decision=Approved&comment=x&comment=y", {}, /Choose either/],
    [
      "several parts",
      approve,
      { headers: { "content-type": "multipart/form-data; boundary=x" } },
      /not sent as a form/,
    ],
    ["no headers", approve, { headers: undefined }, /not sent as a form/],
    ["no body", "", { body: undefined }, /Choose either/],
  ];
  for (const [what, fields, more, message] of faulty) {
    it(`refuses ${what} and asks again`, async () => {
      const { approvals, post, ada } = await setup();
      const page = await post(ada, fields, more);
      assertPage(page, 400, message);
      assert.match(page.body, /role="alert"/);
      assert.equal(approvals.packetItem.decision, undefined);
      assert.equal(approvals.delivered.length, 0);
    });
  }

  it("escapes what people and jobs wrote", async () => {
    const evil = `<img src=x onerror=alert(1)>"'&`;
    const { get, post, ada } = await setup({ stage: evil, note: evil });
    const again = await post(ada, { decision: "Nothing", comment: `</textarea><script>alert(1)</script>${evil}` });
    assertPage(
      { ...again, body: again.body.replaceAll("onerror=alert(1)", "") },
      400,
      /&lt;\/textarea&gt;&lt;script&gt;/,
    );
    assert.doesNotMatch(again.body, /<img/);
    assert.doesNotMatch((await get(ada)).body, /<img/);
    const done = await post(ada, { decision: "Approved", comment: "<script>alert(1)</script>" });
    assertPage(done, 200, /&lt;script&gt;/);
  });

  it("lets one of two people decide, and tells the other who did", async () => {
    const { approvals, get, post, ada, joan } = await setup();
    await post(ada, approve);
    assertPage(
      await post(joan, reject),
      409,
      /is already approved[\s\S]*Nothing was changed\.[\s\S]*ada@example\.com approved/,
    );
    assertPage(await get(joan), 409, /is already approved/);
    assertPage(await get(ada), 409, /is already approved/);
    assert.equal(approvals.delivered.length, 1);
    assert.equal(approvals.packetItem.decision?.decision, "Approved");
  });

  it("lets one of many decide who press at the same moment", async () => {
    const { approvals, post, ada, joan } = await setup();
    const pages = await Promise.all([post(ada, approve), post(joan, reject), post(ada, reject), post(joan, approve)]);
    assert.equal(pages.filter(({ statusCode }) => statusCode === 200 || statusCode === 409).length, 4);
    const kept = approvals.packetItem.decision;
    assert.ok(kept);
    for (const { decision } of approvals.delivered) assert.deepEqual(decision, kept);
  });

  it("does not know links that were made up, cut off or are no links", async () => {
    const { get, post, ada } = await setup();
    for (const token of [unknownToken, ada.slice(0, 42), `${ada}A`, "", "../../etc/passwd", "%00", "__proto__"]) {
      assertPage(await get(token), 404, /not known/);
      assertPage(await post(token, approve), 404, /not known/);
    }
  });

  it("does not know a link whose packet is gone", async () => {
    const { approvals, get, ada } = await setup();
    approvals.items.delete(approvals.packetItem.pk);
    assertPage(await get(ada), 404, /not known/);
  });

  it("takes no decision after the expiry, though the table still holds the items", async () => {
    const { approvals, get, post, ada } = await setup();
    approvals.time = Date.parse("2026-01-09T00:00:00.000Z");
    assertPage(await get(ada), 410, /has expired/);
    assertPage(await post(ada, approve), 410, /has expired/);
    assert.equal(approvals.packetItem.decision, undefined);
  });

  it("takes no decision on a link whose evidence was replaced", async () => {
    const { approvals, get, post, ada } = await setup();
    approvals.packetItem.packetDigest = `sha256:${"0".repeat(64)}`;
    assertPage(await get(ada), 410, /out of date/);
    assertPage(await post(ada, approve), 410, /out of date/);
    assert.equal(approvals.delivered.length, 0);
  });

  for (const name of ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"]) {
    it(`keeps a decision on ${name} while the state machine may still fetch it, and long after that calls it lapsed`, async () => {
      const { approvals, get, post, ada } = await setup();
      approvals.taskErrors = [awsError(name), awsError(name), awsError(name)];
      assertPage(await post(ada, approve), 503, /is kept, but not handed on yet/);
      approvals.time = Date.parse("2026-01-09T00:59:59.000Z");
      assertPage(await post(ada, approve), 503, /looks for it by itself/);
      assert.equal(approvals.packetItem.lapsedAt, undefined);
      approvals.time = Date.parse("2026-01-09T01:00:00.000Z");
      assertPage(await post(ada, approve), 410, /has expired/);
      assert.ok(approvals.packetItem.lapsedAt);
      assertPage(await get(ada), 410, /has expired/);
      assert.equal(approvals.delivered.length, 0);
    });
  }

  it("hands a decision on to the newest token when the reminder came in between", async () => {
    const { approvals, ask, post, ada } = await setup();
    const decide = approvals.decide();
    approvals.taskErrors = [awsError("TaskTimedOut")];
    // The old token dies and the reminder stores its own between the vote and the delivery.
    const handler = makeHandler(
      {
        ...decide,
        sendTaskSuccess: async (token, decision) => {
          if (token === taskToken) approvals.packetItem.taskToken = "newer-token";
          return decide.sendTaskSuccess(token, decision);
        },
      },
      decideEnvironment,
      fakeLog(),
    );
    const body = new URLSearchParams(approve).toString();
    const page = await handler({
      ...eventFixture("http-post"),
      pathParameters: { token: ada },
      body,
      isBase64Encoded: false,
    });
    assertPage(page, 200, /You approved/);
    assert.deepEqual(
      approvals.delivered.map((one) => one.taskToken),
      ["newer-token"],
    );
    assert.deepEqual(await ask({ reminder: true, taskToken: "last" }), {
      submissionId: approvals.packetItem.pk.slice("packet#".length),
      sent: 0,
    });
    assert.equal((await post(ada, reject)).statusCode, 409);
  });

  it("waits a moment for whoever hands the same decision on already", async () => {
    const { approvals, post, ada, joan } = await setup();
    approvals.taskErrors = [awsError("ThrottlingException"), awsError("TaskTimedOut")];
    await post(ada, approve);
    approvals.whilePausing = () => {
      approvals.packetItem.deliveredAt = "2026-01-02T00:00:00.500Z";
    };
    assertPage(await post(joan, reject), 409, /is already approved/);
  });

  it("says so on the page when the submission ended without an answer", async () => {
    const { approvals, get, post, ada } = await setup();
    Object.assign(approvals.packetItem, {
      decision: {
        decision: "Rejected",
        decidedBy: "expiry",
        decidedAt: "2026-01-09T00:00:00.000Z",
        comment: "Nobody decided within 168 hours.",
        votes: [],
      },
      deliveredAt: "2026-01-09T00:00:00.000Z",
    });
    assertPage(await get(ada), 410, /has expired[\s\S]*Nobody decided within 168 hours/);
    assertPage(await post(ada, approve), 410, /has expired/);
    assert.equal(approvals.delivered.length, 0);
  });

  it("does not lose a decision that could not be handed on: the same link finishes it", async () => {
    const { approvals, get, post, ada } = await setup();
    approvals.taskErrors = [awsError("ServiceUnavailable", "down", 503)];
    const later = await post(ada, approve);
    assertPage(later, 503, /is kept, but not handed on yet/);
    assert.equal(later.headers["retry-after"], "60");
    assertPage(await get(ada), 503, /Hand it on now/);
    assert.equal(approvals.delivered.length, 0, "opening the page hands nothing on");
    // Whatever the form says the second time, the kept decision stands.
    assertPage(await post(ada, reject), 200, /You approved/);
    assert.equal(approvals.delivered[0]?.decision.decision, "Approved");
    assert.equal(approvals.delivered.length, 1);
  });

  it("hands on a colleague's kept decision as well", async () => {
    const { approvals, post, ada, joan } = await setup();
    approvals.taskErrors = [awsError("ThrottlingException")];
    await post(ada, approve);
    assertPage(await post(joan, reject), 409, /ada@example\.com approved/);
    assert.equal(approvals.delivered[0]?.decision.decidedBy, "ada@example.com");
  });

  it("answers a page of its own when something else breaks", async () => {
    const { approvals, log, ada } = await setup();
    const broken = {
      ...approvals.decide(),
      link: () => Promise.reject(awsError("InternalServerError", `oops ${ada}`)),
    };
    const page = await makeHandler(
      broken,
      decideEnvironment,
      log,
    )({ ...eventFixture("http-get"), pathParameters: { token: ada } });
    assertPage(page, 500, /open the link again to see what stands/);
    assert.match(log.text(), /InternalServerError/);
    assert.equal(log.text().includes(ada), false);
  });

  it("refuses other methods and events", async () => {
    const { handler } = await setup();
    const event = eventFixture("http-get");
    const deleting = await handler({ ...event, requestContext: { http: { method: "DELETE" } } });
    assertPage(deleting, 405, /cannot be done/);
    assert.equal(deleting.headers.allow, "GET, HEAD, POST");
    for (const odd of [undefined, null, {}, "x", { requestContext: {} }])
      assertPage(await handler(odd), 404, /not known/);
  });

  it("logs neither task token nor link nor comment", async () => {
    const { approvals, log, get, post, ada, joan } = await setup();
    approvals.taskErrors = [awsError("ServiceUnavailable")];
    await get(ada);
    await post(ada, { decision: "Rejected", comment: "confidential remark" });
    await post(ada, approve);
    await post(joan, approve);
    assert.ok(log.entries.length >= 3);
    for (const secret of [taskToken, ada, joan, "confidential remark"])
      assert.equal(log.text().includes(secret), false);
  });
});
