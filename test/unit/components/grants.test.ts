import assert from "node:assert/strict";
import {
  bucketPolicy,
  inlinePolicy,
  keepObjects,
  logGrants,
  trustPolicy,
  writeOnce,
} from "../../../components/shared/grants.ts";
import { readObjects, runGrants } from "../../../components/shared/job-grants.ts";
import { allow } from "../../../contracts/iam.ts";

const site = {
  stage: "dev",
  project: "frugal-mlops",
  owner: "ml",
  account: "111122223333",
  region: "us-east-1",
  partition: "aws",
  protect: false,
};

describe("policy documents", () => {
  it("hold equal grants once and give others their own Sid", () => {
    const document = inlinePolicy([
      allow("A", "s3:GetObject", "x"),
      allow("A", "s3:GetObject", "x"),
      allow("A", "s3:PutObject", "x"),
    ]);
    assert.deepEqual(
      document.Statement.map((statement) => [statement.Sid, statement.Action]),
      [
        ["A", "s3:GetObject"],
        ["A2", "s3:PutObject"],
      ],
    );
  });

  it("refuse nothing and too much", () => {
    assert.throws(() => inlinePolicy([]), /needs no policy/);
    const many = Array.from({ length: 200 }, (_, n) => allow(`S${n}`, "s3:GetObject", `arn:aws:s3:::bucket-${n}/*`));
    assert.throws(() => inlinePolicy(many), /has \d+ characters, a role takes 10240: split the role/);
  });

  it("trust one service, for this account only", () => {
    const [states] = trustPolicy(site, "states").Statement;
    assert.deepEqual(states?.Principal, { Service: "states.amazonaws.com" });
    assert.deepEqual(states?.Condition, {
      StringEquals: { "aws:SourceAccount": "111122223333" },
      ArnLike: { "aws:SourceArn": "arn:aws:states:us-east-1:111122223333:stateMachine:*" },
    });
    // Hosting accepts this very value, and no narrower one.
    assert.deepEqual(trustPolicy(site, "sagemaker").Statement[0]?.Condition?.ArnLike, {
      "aws:SourceArn": "arn:aws:sagemaker:us-east-1:111122223333:*",
    });
    assert.deepEqual(trustPolicy(site, "lambda").Statement[0]?.Condition, {
      StringEquals: { "aws:SourceAccount": "111122223333" },
    });
  });

  it("let a function write into its own log only", () => {
    assert.deepEqual(logGrants("arn:x:log-group:/aws/lambda/f")[0]?.Resource, "arn:x:log-group:/aws/lambda/f:*");
  });

  it("keep a bucket to TLS and a prefix to creations", () => {
    const policy = bucketPolicy(site, "b", writeOnce(site, "b", "datasets/"));
    assert.deepEqual(
      policy.Statement.map((statement) => [
        statement.Effect,
        statement.Action,
        statement.Resource,
        statement.Condition,
      ]),
      [
        ["Deny", "s3:*", ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], { Bool: { "aws:SecureTransport": "false" } }],
        [
          "Deny",
          "s3:PutObject",
          "arn:aws:s3:::b/datasets/*",
          { Null: { "s3:if-none-match": "true" }, Bool: { "s3:ObjectCreationOperation": "true" } },
        ],
      ],
    );
  });

  it("keep published objects from everybody's deleting, markers included", () => {
    const [statement, ...others] = keepObjects(site, "b", "datasets/");
    assert.deepEqual(others, []);
    assert.deepEqual(statement, {
      Sid: "DenyDeleting",
      Effect: "Deny",
      Principal: "*",
      Action: ["s3:DeleteObject", "s3:DeleteObjectVersion"],
      Resource: "arn:aws:s3:::b/datasets/*",
    });
  });

  it("let a job list only what it may read", () => {
    const [, find] = readObjects(site, "Data", "b", ["datasets/*"]);
    assert.deepEqual(find?.Condition, { StringLike: { "s3:prefix": ["datasets/*"] } });
    for (const { Resource, Condition, Action } of runGrants(site)) {
      if (Resource === "*") assert.ok(Condition || Action === "ecr:GetAuthorizationToken", String(Action));
    }
  });
});
