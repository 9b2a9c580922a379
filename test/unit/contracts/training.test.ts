/** The training key and what is made of it: equal trainings are equal, and nothing else is. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { sagemakerNamePattern } from "../../../contracts/lineage.ts";
import {
  sourceAddress,
  sourceDigest,
  type TrainingIdentity,
  TrainingInput,
  trainingKey,
} from "../../../contracts/training.ts";
import {
  identityOfJob,
  type JobIdentityFacts,
  jobHyperparameters,
  trainChannelUri,
  trainingJobName,
} from "../../../contracts/training-job.ts";

const hex = fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 64, maxLength: 64 });
const value = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
  fc.integer(),
  fc.boolean(),
);
const name = fc.stringMatching(/^[a-z_]{1,12}$/).filter((one) => !one.startsWith("sagemaker_") && one !== "__proto__");
const identity: fc.Arbitrary<TrainingIdentity> = fc.record({
  datasetVersion: fc.tuple(fc.constantFrom("iris", "breast-cancer"), hex).map(([data, one]) => `${data}@sha256:${one}`),
  sourceUri: hex.map((one) => `s3://artifacts/sources/sha256/${one}/source.tar.gz`),
  entry: fc.constantFrom("train.py", "src/train.py"),
  image: fc.constantFrom("repo/image:1", "repo/image:2", `repo/image@sha256:${"1".repeat(64)}`),
  hyperparameters: fc.dictionary(name, value, { maxKeys: 6 }),
});
const one: TrainingIdentity = {
  datasetVersion: `breast-cancer@sha256:${"a".repeat(64)}`,
  sourceUri: `s3://artifacts/sources/sha256/${"b".repeat(64)}/source.tar.gz`,
  entry: "train.py",
  image: "repo/image:1",
  hyperparameters: { c: 1, penalty: "l2" },
};

/** A job as the training machine makes it. */
function jobOf(of: TrainingIdentity): JobIdentityFacts {
  return {
    HyperParameters: jobHyperparameters(of),
    AlgorithmSpecification: { TrainingImage: of.image },
    InputDataConfig: [
      {
        ChannelName: "train",
        DataSource: { S3DataSource: { S3Uri: trainChannelUri("data", of.datasetVersion) } },
      },
    ],
  };
}

describe("contracts/training: the key", () => {
  it("does not depend on the order of hyper-parameters", () => {
    fc.assert(
      fc.property(identity, fc.infiniteStream(fc.nat()), (of, order) => {
        const shuffled = Object.entries(of.hyperparameters)
          .map((entry) => ({ entry, at: order.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ entry }) => entry);
        assert.equal(trainingKey({ ...of, hyperparameters: Object.fromEntries(shuffled) }), trainingKey(of));
      }),
    );
  });

  it("is another for anything else that is another, and only then", () => {
    fc.assert(
      fc.property(identity, identity, (a, b) => {
        const same = JSON.stringify(normal(a)) === JSON.stringify(normal(b));
        assert.equal(trainingKey(a) === trainingKey(b), same);
      }),
    );
    fc.assert(
      fc.property(identity, name, value, (of, key, changed) => {
        const before = of.hyperparameters[key];
        const other = { ...of, hyperparameters: { ...of.hyperparameters, [key]: changed } };
        assert.equal(
          trainingKey(other) === trainingKey(of),
          Object.hasOwn(of.hyperparameters, key) && before === changed,
        );
      }),
    );
  });

  it("tells a number from its text, an absent value from any", () => {
    const variants: TrainingIdentity["hyperparameters"][] = [
      { c: 1 },
      { c: "1" },
      { c: true },
      { c: "true" },
      {},
      { c: "" },
    ];
    const keys = variants.map((hyperparameters) => trainingKey({ ...one, hyperparameters }));
    assert.equal(new Set(keys).size, keys.length);
    assert.equal(
      trainingKey({ ...one, hyperparameters: { c: 1.0 } }),
      trainingKey({ ...one, hyperparameters: { c: 1 } }),
    );
  });

  it("takes an image by its digest where it has one, whatever tag stands beside it", () => {
    const digest = `sha256:${"c".repeat(64)}`;
    const key = (image: string) => trainingKey({ ...one, image });
    const registry = "683313688378.dkr.ecr.us-east-1.amazonaws.com:443/sklearn";
    assert.equal(key(`${registry}:1.2@${digest}`), key(`${registry}@${digest}`));
    assert.notEqual(key(`${registry}@${digest}`), key(`${registry}:1.2`));
    assert.notEqual(key(`${registry}@${digest}`), key(`other@${digest}`));
    assert.notEqual(key("repo/image:1"), key("repo/image:2"));
  });

  it("asks for code by content, wherever it lies", () => {
    const moved = one.sourceUri.replace("s3://artifacts", "s3://elsewhere");
    assert.equal(trainingKey({ ...one, sourceUri: moved }), trainingKey(one));
    assert.equal(sourceDigest(one.sourceUri), `sha256:${"b".repeat(64)}`);
    assert.throws(() => sourceDigest("s3://artifacts/sources/source.tar.gz"), /is not the address of a source archive/);
    assert.equal(sourceAddress(sourceDigest(one.sourceUri)).key, `sources/sha256/${"b".repeat(64)}/source.tar.gz`);
  });

  it("is what was agreed on, so that records stay findable", () => {
    assert.equal(trainingKey(one), "sha256:5768597042cb39924ce43a7b1b0c8ecbfefe1e5acf9b73ec76eeecbb85075dc9");
  });
});

describe("contracts/training: jobs", () => {
  it("can be read back from the job that was made of it", () => {
    fc.assert(
      fc.property(identity, (of) => {
        const read = identityOfJob(jobOf(of));
        assert.ok(read);
        assert.equal(trainingKey(read), trainingKey(of));
      }),
    );
  });

  it("cannot be read from a job that was made otherwise", () => {
    const job = jobOf(one);
    const channel = job.InputDataConfig?.[0];
    const others: JobIdentityFacts[] = [
      {},
      { ...job, HyperParameters: {} },
      { ...job, InputDataConfig: [] },
      { ...job, InputDataConfig: channel ? [channel, channel] : [] },
      { ...job, InputDataConfig: [{ ...channel, ChannelName: "other" }] },
      { ...job, InputDataConfig: [{ ChannelName: "train", DataSource: { S3DataSource: { S3Uri: "s3://data/x/" } } }] },
      { ...job, Environment: { SEED: "1" } },
      { ...job, AlgorithmSpecification: { ...job.AlgorithmSpecification, ContainerArguments: ["--fast"] } },
      { ...job, AlgorithmSpecification: { ...job.AlgorithmSpecification, ContainerEntrypoint: ["sh"] } },
    ];
    for (const other of others) assert.equal(identityOfJob(other), undefined, JSON.stringify(other));
  });

  it("have names that SageMaker takes, told apart by stage, key and attempt", () => {
    const long = `${"a".repeat(63)}@sha256:${"a".repeat(64)}`;
    const names = ["dev", "a-stage-of-16-ch"].flatMap((stage) =>
      [one.datasetVersion, long].flatMap((data) =>
        [trainingKey(one), trainingKey({ ...one, entry: "other.py" })].flatMap((key) =>
          [1, 2, 200].map((attempt) => trainingJobName(stage, data, key, attempt)),
        ),
      ),
    );
    for (const each of names) assert.match(each, sagemakerNamePattern);
    assert.equal(new Set(names).size, names.length);
    assert.match(names[0] ?? "", /^frugal-dev-breast-cancer-[0-9a-f]{16}$/);
  });
});

describe("contracts/training: the request", () => {
  const request = { ...one, run: "baseline", submittedBy: "ada@example.com" };

  it("needs no more than what is trained, for what and by whom", () => {
    const { sourceUri, datasetVersion, image, run, submittedBy } = request;
    assert.deepEqual(TrainingInput.parse({ sourceUri, datasetVersion, image, run, submittedBy }), {
      sourceUri,
      datasetVersion,
      image,
      run,
      submittedBy,
      entry: "train.py",
      hyperparameters: {},
      force: false,
    });
  });

  it("is refused with every fault at once", () => {
    const result = TrainingInput.safeParse({
      ...request,
      datasetVersion: "breast-cancer",
      sourceUri: "s3://artifacts/source.tar.gz",
      entry: "../train.py",
      image: "",
      hyperparameters: { sagemaker_program: "x", big: "x".repeat(2500), list: [] },
      instanceType: "m5.large",
      maxRuntimeSeconds: 0,
      run: "a{b}",
      spott: true,
    });
    const faults = new Set(result.error?.issues.map(({ path, code }) => path.join(".") || code));
    for (const path of ["datasetVersion", "sourceUri", "entry", "image", "instanceType", "maxRuntimeSeconds", "run"]) {
      assert.ok(faults.has(path), path);
    }
    assert.ok(faults.has("unrecognized_keys"));
    const hyperparameters = TrainingInput.safeParse({
      ...request,
      hyperparameters: { sagemaker_program: "x", big: "x".repeat(2500) },
    }).error?.issues.map(({ message }) => message);
    assert.equal(hyperparameters?.length, 2);
  });

  it("takes 98 hyper-parameters, since two are the container's own", () => {
    const many = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`h${i}`, i]));
    assert.ok(TrainingInput.safeParse({ ...request, hyperparameters: many(98) }).success);
    assert.ok(!TrainingInput.safeParse({ ...request, hyperparameters: many(99) }).success);
    assert.equal(Object.keys(jobHyperparameters({ ...one, hyperparameters: many(98) })).length, 100);
  });
});

function normal(of: TrainingIdentity) {
  const sorted = Object.entries(of.hyperparameters).sort(([a], [b]) => (a < b ? -1 : 1));
  return [of.datasetVersion, sourceDigest(of.sourceUri), of.entry, of.image, sorted];
}
