import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Limits } from "../../../policies/support/bounded.ts";
import { objects, useObjects } from "../../../policies/support/live-objects.ts";
import { s3Objects } from "../../../policies/support/live-s3.ts";

const FAST: Limits = { tryMs: 300, tries: 3, inFlight: 2, pauseMs: 1 };
const ask = (limits: Limits = FAST) => s3Objects(limits).object("bucket", "a/key", "us-east-1");

describe("the store on the SDK", () => {
  let server: Server;
  let answers: { status: number; headers?: Record<string, string>; hang?: boolean }[];
  let asked: string[];
  const saved = { ...process.env };

  beforeEach(async () => {
    answers = [];
    asked = [];
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers["x-amz-checksum-mode"]}`);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      request.resume();
      if (answer?.hang) return;
      response.writeHead(answer?.status ?? 500, answer?.headers ?? {}).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
    });
  });

  afterEach(() => {
    for (const key of Object.keys(process.env)) if (!(key in saved)) delete process.env[key];
    Object.assign(process.env, saved);
    server.closeAllConnections();
    server.close();
  });

  it("answers with the checksum that S3 keeps", async () => {
    answers = [
      {
        status: 200,
        headers: { "x-amz-checksum-sha256": "abc=", "x-amz-checksum-type": "FULL_OBJECT", "x-amz-version-id": "v" },
      },
    ];
    assert.deepEqual(await ask(), {
      state: "answered",
      facts: { checksumSha256: "abc=", checksumType: "FULL_OBJECT", versionId: "v" },
    });
    assert.deepEqual(asked, ["HEAD /bucket/a/key ENABLED"]);
    answers = [{ status: 200 }];
    assert.deepEqual(await ask(), {
      state: "answered",
      facts: { checksumSha256: undefined, checksumType: undefined, versionId: undefined },
    });
  });

  it("not found and denied are asked once", async () => {
    answers = [{ status: 404 }];
    assert.deepEqual(await ask(), { state: "not-found", words: "S3 answers 404" });
    answers = [{ status: 403 }];
    const denied = await ask();
    assert.equal(denied.state, "denied");
    assert.match(denied.state === "denied" ? denied.action : "", /^s3:GetObject \(and s3:ListBucket/);
    assert.equal(asked.length, 2);
  });

  it("throttled: tried three times, then offline; once: answered", async () => {
    answers = [{ status: 503 }];
    assert.equal((await ask()).state, "offline");
    assert.equal(asked.length, 3);
    answers = [{ status: 503 }, { status: 200 }];
    assert.equal((await ask()).state, "answered");
  });

  it("slow, and no credentials: offline", async () => {
    answers = [{ status: 200, hang: true }];
    assert.equal((await ask({ ...FAST, tryMs: 50 })).state, "offline");
    const before = asked.length;
    for (const key of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"]) delete process.env[key];
    Object.assign(process.env, {
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_SHARED_CREDENTIALS_FILE: "/nonexistent",
      AWS_CONFIG_FILE: "/nonexistent",
    });
    assert.equal((await ask()).state, "offline");
    assert.equal(asked.length, before);
  });

  it("one question for one object, but what is missing may come", async () => {
    let times = 0;
    const restore = useObjects({
      object: async (_bucket, key) => {
        times++;
        return key === "missing" ? { state: "not-found", words: "no" } : { state: "offline", words: "no" };
      },
    });
    try {
      await Promise.all([objects().object("b", "k", "r"), objects().object("b", "k", "r")]);
      assert.equal(times, 1);
      await objects().object("b", "missing", "r");
      await objects().object("b", "missing", "r");
      assert.equal(times, 3);
    } finally {
      restore();
    }
  });
});
