import assert from "node:assert/strict";
import { classicProvider } from "../../../local/provider/aws/provider.ts";
import { Client } from "../../../local/provider/emulator/client.ts";
import { nativeProvider } from "../../../local/provider/native/provider.ts";

const place = { url: "http://127.0.0.1:1", region: "us-east-1", accountId: "111122223333" };
const client = new Client(place);
const native = nativeProvider({
  ...place,
  version: "1.0.0",
  backendOf: () => {
    throw new Error("no backend in this test");
  },
});
const classic = classicProvider(client, "7.0.0");
const request = (type: string) => ({
  urn: `urn::${type}`,
  type,
  name: "n",
  config: {},
  olds: {},
  news: {},
  randomSeed: new Uint8Array(),
});

describe("tokens that the local provider does not have", () => {
  it("are refused with the file to add them in", async () => {
    await assert.rejects(classic.check(request("aws:kms/key:Key")), /aws:kms\/key:Key .*local\/provider\/aws\/key\.ts/);
    await assert.rejects(
      classic.invoke("aws:kms/getAlias:getAlias", {}, {}),
      /aws:kms\/getAlias:getAlias .*local\/provider\/aws\/alias\.ts/,
    );
    await assert.rejects(native.check(request("aws-native:s3:Buckets")), /aws-native:s3:Buckets .*service spec/);
    await assert.rejects(
      native.invoke("aws-native:index:getAzs", {}, {}),
      /aws-native:index:getAzs .*local\/provider\/native\/invoke\.ts/,
    );
  });

  it("answer the small functions without any emulator", async () => {
    assert.deepEqual(await native.invoke("aws-native:index:getAccountId", {}, {}), { accountId: "111122223333" });
    assert.deepEqual(await native.invoke("aws-native:index:getRegion", {}, {}), { region: "us-east-1" });
    assert.equal((await classic.invoke("aws:index/getRegion:getRegion", {}, {})).region, "us-east-1");
  });

  it("name an emulator that does not answer", async () => {
    await assert.rejects(
      classic.invoke("aws:index/getCallerIdentity:getCallerIdentity", {}, {}),
      /http:\/\/127\.0\.0\.1:1 does not answer \(sts\)/,
    );
  });

  it("say which argument a look-up lacks", async () => {
    await assert.rejects(
      native.invoke("aws-native:sagemaker:getModelPackage", {}, {}),
      /getModelPackage: ModelPackageArn must be given/,
    );
  });
});

describe("default tags of a provider instance", () => {
  const config = { defaultTags: { tags: { team: "ml", a: "default" } } };

  it("join a resource's own tags, which win", async () => {
    const news = { bucketName: "b", tags: [{ key: "a", value: "own" }] };
    const { inputs } = await native.check({ ...request("aws-native:s3:Bucket"), news, config });
    assert.deepEqual(inputs.tags, [
      { key: "a", value: "own" },
      { key: "team", value: "ml" },
    ]);
  });

  it("are a map where the type's tags are one, and stay away from types without tags", async () => {
    const news = { name: "/p", type: "String", value: "v" };
    const { inputs } = await native.check({ ...request("aws-native:ssm:Parameter"), news, config });
    assert.deepEqual(inputs.tags, { team: "ml", a: "default" });
    const policy = { bucket: "b", policyDocument: {} };
    assert.deepEqual(
      (await native.check({ ...request("aws-native:s3:BucketPolicy"), news: policy, config })).inputs,
      policy,
    );
  });
});
