import assert from "node:assert/strict";
import rule from "../../../policies/lineage/artifact-digest-matches.ts";
import type { Answer, PackageFacts } from "../../../policies/support/live.ts";
import type { ObjectFacts } from "../../../policies/support/live-objects.ts";
import { broken, compliant, PROVIDERS, type Provider } from "../support/fixtures.ts";
import { analyze, notes, type Options, type Resource, UNKNOWN, violates } from "../support/harness.ts";
import {
  against,
  answered,
  DIGEST,
  double,
  MODEL_URI,
  PACKAGE_ARN,
  RECORDED,
  store,
  stored,
  trueRegistry,
  trueStore,
} from "../support/registry.ts";

const HEX = DIGEST.slice("sha256:".length);
const OTHER_HEX = "00".repeat(32);
const OTHER_URI = MODEL_URI.replace(HEX, OTHER_HEX);
const AGAIN = "Submit the model again, so that what is served is what was tested.";
const LATER = "It is judged at update, before the resource is touched.";
const NAME = "primaryContainer.modelPackageName";
const base64 = (hex: string) => Buffer.from(hex, "hex").toString("base64");
const tagAt = (provider: Provider) => (provider === "native" ? "tags[3].value" : 'tags["frugal:artifact-digest"]');

/** What the rule says of `model` when the package and the object of its address are these. */
const judge = (
  model: Resource,
  {
    facts = {},
    objects = {},
    options,
  }: {
    facts?: Partial<PackageFacts>;
    objects?: Record<string, Answer<ObjectFacts>>;
    options?: Options;
  } = {},
) =>
  against(
    double({ packages: { [PACKAGE_ARN]: answered({ ...RECORDED, ...facts }) } }),
    () => analyze(rule, model, options),
    store({ [MODEL_URI]: answered(stored(HEX)), [OTHER_URI]: answered(stored(OTHER_HEX)), ...objects }),
  );
const at = (uri: string | undefined) => ({ modelData: [{ path: "Containers[0]", uri }] });
const noObject = (shown: string, path = `${NAME} > Containers[0]`) =>
  `artifact-digest-matches/object: ${path} is an object with ${shown}, must be one with ${base64(HEX)} (FULL_OBJECT). ${AGAIN}`;

describe("artifact-digest-matches", () => {
  for (const provider of PROVIDERS) {
    const model = compliant(provider, "model");

    it(`${provider}: the tag is another digest than the package's`, async () => {
      violates(
        await judge(broken(model, tagAt(provider), `sha256:${OTHER_HEX}`)),
        `artifact-digest-matches/tag: ${tagAt(provider)} is "sha256:${OTHER_HEX}", must be "${DIGEST}". Take it from the package's record.`,
      );
      // Its absence is lineage-tags-present's fault.
      violates(await judge(broken(model, "tags", undefined)));
    });

    it(`${provider}: the package's data lies under another digest, or under none`, async () => {
      const address = (uri: string) =>
        `artifact-digest-matches/address: ${NAME} > Containers[0] is "${uri}", must be below sha256/${HEX}/. ${AGAIN}`;
      // Other bytes at their own honest address are other bytes.
      violates(
        await judge(model, { facts: at(OTHER_URI) }),
        address(OTHER_URI),
        noObject(`SHA-256 ${base64(OTHER_HEX)} (FULL_OBJECT, version v1)`),
      );
      const plain = "s3://frugal-prod-artifacts/latest/model.tar.gz";
      // The right bytes at a path that others may take tomorrow.
      violates(await judge(model, { facts: at(plain), objects: { [plain]: answered(stored(HEX)) } }), address(plain));
      violates(await judge(model, { facts: at("https://x/y") }), address("https://x/y"));
      violates(
        await judge(broken(model, tagAt(provider), `sha256:${OTHER_HEX}`), {
          facts: at(plain),
          objects: { [plain]: answered(stored(HEX)) },
        }),
        address(plain),
        `artifact-digest-matches/tag: ${tagAt(provider)} is "sha256:${OTHER_HEX}", must be "${DIGEST}". Take it from the package's record.`,
      );
    });

    it(`${provider}: the package records no digest, or no data`, async () => {
      const metadata = { ...RECORDED.metadata };
      delete metadata["frugal:artifact-digest"];
      const words = "recorded as sha256:<64 lower-case hex digits>";
      violates(
        // Its data is not judged then: there is nothing to hold it against.
        await judge(model, { facts: { metadata, ...at("https://x/y") } }),
        `artifact-digest-matches/package: ${NAME} > frugal:artifact-digest is absent, must be ${words}. ${AGAIN}`,
      );
      violates(
        await judge(model, { facts: { metadata: { ...metadata, "frugal:artifact-digest": HEX } } }),
        `artifact-digest-matches/package: ${NAME} > frugal:artifact-digest is "${HEX}", must be ${words}. ${AGAIN}`,
      );
      for (const [facts, place] of [
        [{ modelData: [] }, "InferenceSpecification"],
        [{ modelData: undefined }, "InferenceSpecification"],
        [at(undefined), "Containers[0]"],
      ] as const) {
        violates(
          await judge(model, { facts: facts as Partial<PackageFacts> }),
          `artifact-digest-matches/package: ${NAME} > ${place} is without model data, must be a container whose model data is named. ${AGAIN}`,
        );
      }
    });

    it(`${provider}: every container of the package is judged`, async () => {
      const found = await judge(model, {
        facts: { modelData: [...(RECORDED.modelData ?? []), { path: "Containers[1]", uri: OTHER_URI }] },
      });
      assert.equal(found.length, 2);
      assert.ok(found.every(({ text }) => text.includes("Containers[1]")));
    });

    it(`${provider}: other bytes stand at the right address`, async () => {
      for (const [facts, shown] of [
        [stored(OTHER_HEX), `SHA-256 ${base64(OTHER_HEX)} (FULL_OBJECT, version v1)`],
        [
          { checksumSha256: undefined, checksumType: undefined, versionId: undefined },
          "SHA-256 not kept (no type, version none)",
        ],
        [
          { checksumSha256: `${base64(HEX)}-2`, checksumType: "COMPOSITE", versionId: "v1" },
          `SHA-256 ${base64(HEX)}-2 (COMPOSITE, version v1)`,
        ],
      ] as const) {
        violates(await judge(model, { objects: { [MODEL_URI]: answered(facts) } }), noObject(shown));
      }
    });

    it(`${provider}: in parts, only the version that was staged`, async () => {
      const parts = (versionId: string | undefined) => ({
        [MODEL_URI]: answered({ checksumSha256: "x-2", checksumType: "COMPOSITE", versionId }),
      });
      const staged = (version: string) => ({
        metadata: { ...RECORDED.metadata, "frugal:artifact-version-id": version },
      });
      violates(await judge(model, { facts: staged("v7"), objects: parts("v7") }));
      violates(
        await judge(model, { facts: staged("v7"), objects: parts("v8") }),
        noObject("SHA-256 x-2 (COMPOSITE, version v8)"),
      );
      violates(
        await judge(model, { facts: staged("null"), objects: parts("null") }),
        noObject("SHA-256 x-2 (COMPOSITE, version null)"),
      );
      violates(await judge(model, { objects: parts(undefined) }), noObject("SHA-256 x-2 (COMPOSITE, version none)"));
    });

    it(`${provider}: data that the container names itself`, async () => {
      const own = (uri: unknown) => broken(model, "primaryContainer", { image: "i", modelDataUrl: uri });
      const path = "primaryContainer.modelDataUrl";
      violates(await judge(own(MODEL_URI)));
      violates(
        await judge(own(OTHER_URI)),
        `artifact-digest-matches/tag: ${tagAt(provider)} is "${DIGEST}", must be "sha256:${OTHER_HEX}". Take it from the package's record.`,
      );
      violates(
        await judge(own("s3://bucket/latest/m")),
        `artifact-digest-matches/address: ${path} is "s3://bucket/latest/m", must be below sha256/<64 hex digits>/. ${AGAIN}`,
      );
      violates(
        await judge(own(MODEL_URI), { objects: { [MODEL_URI]: answered(stored(OTHER_HEX)) } }),
        noObject(`SHA-256 ${base64(OTHER_HEX)} (FULL_OBJECT, version v1)`, path),
      );
      notes(
        await judge(own(UNKNOWN)),
        `artifact-digest-matches/waits: ${path} is not known yet, must be an address whose bytes can be looked up. ${LATER}`,
      );
      // Beside a package it is held against the package's record.
      const both = broken(model, path, OTHER_URI);
      violates(
        await judge(both),
        `artifact-digest-matches/address: ${path} is "${OTHER_URI}", must be below sha256/${HEX}/. ${AGAIN}`,
        noObject(`SHA-256 ${base64(OTHER_HEX)} (FULL_OBJECT, version v1)`, path),
      );
    });

    it(`${provider}: each container of several`, async () => {
      const two = broken(broken(model, "primaryContainer", undefined), "containers", [
        { modelPackageName: PACKAGE_ARN },
        { modelDataUrl: "s3://b/latest/m" },
      ]);
      violates(
        await judge(two),
        `artifact-digest-matches/address: containers[1].modelDataUrl is "s3://b/latest/m", must be below sha256/<64 hex digits>/. ${AGAIN}`,
      );
    });

    it(`${provider}: the tag is that of one of several, unless one is not known yet`, async () => {
      const of = (...containers: unknown[]) =>
        judge(
          broken(
            broken(broken(model, "primaryContainer", undefined), "containers", containers),
            tagAt(provider),
            `sha256:${"11".repeat(32)}`,
          ),
        );
      const [one, other] = [{ modelDataUrl: MODEL_URI }, { modelDataUrl: OTHER_URI }];
      violates(
        await of(one, other),
        `artifact-digest-matches/tag: ${tagAt(provider)} is "sha256:${"11".repeat(32)}", must be "${DIGEST}" or "sha256:${OTHER_HEX}". Take it from the package's record.`,
      );
      notes(
        await of(one, UNKNOWN),
        `artifact-digest-matches/waits: containers[1] is not known yet, must be a container whose bytes can be looked up. ${LATER}`,
      );
    });

    it(`${provider}: what is not known yet`, async () => {
      notes(
        await judge(broken(model, NAME, UNKNOWN)),
        `artifact-digest-matches/waits: ${NAME} is not known yet, must be a package whose record can be looked up. ${LATER}`,
      );
      notes(
        await judge(broken(model, "primaryContainer", UNKNOWN)),
        `artifact-digest-matches/waits: primaryContainer is not known yet, must be a container whose bytes can be looked up. ${LATER}`,
      );
      notes(
        await judge(broken(model, tagAt(provider), UNKNOWN)),
        `artifact-digest-matches/waits: ${tagAt(provider)} is not known yet, must be the digest of what is served. ${LATER}`,
      );
    });

    it(`${provider}: each outcome of both look-ups`, async () => {
      const end = "Correct the name, or the account and region of the credentials.";
      const run = "Run with credentials and a connection to AWS; only a stage with offline: warn goes on without.";
      for (const [answer, check, shown, fix] of [
        [{ state: "not-found", words: "gone" }, "not-found", "which does not exist (gone)", end],
        [
          { state: "denied", action: "x:Y", words: "no" },
          "denied",
          "which may not be looked up (no)",
          "Allow x:Y to whoever runs the preview.",
        ],
        [{ state: "offline", words: "no net" }, "offline", "which is not verified (no net)", run],
      ] as const) {
        const level = (relaxed: boolean) => (relaxed && answer.state === "offline" ? "advisory" : "mandatory");
        for (const offline of ["refuse", "warn"]) {
          const options = { config: { offline } };
          const ofPackage = await against(double({ packages: { [PACKAGE_ARN]: answer } }), () =>
            analyze(rule, model, options),
          );
          assert.deepEqual(ofPackage, [
            {
              text: `artifact-digest-matches/${check}: ${NAME} is model package ${PACKAGE_ARN}, ${shown}, must be a registered version. ${fix}`,
              level: level(offline === "warn"),
              on: undefined,
            },
          ]);
          const ofObject = await judge(model, { objects: { [MODEL_URI]: answer }, options });
          assert.deepEqual(ofObject, [
            {
              text: `artifact-digest-matches/${check}: ${NAME} > Containers[0] is object "${MODEL_URI}", ${shown}, must be an object whose bytes can be told. ${fix}`,
              level: level(offline === "warn"),
              on: undefined,
            },
          ]);
        }
      }
    });
  }

  it("asks in the package's region, else the resource's, else anywhere", async () => {
    const type = "pulumi:providers:aws-native";
    const provider = { type, props: { region: "eu-west-1" } };
    const own = broken(compliant("native", "model"), "primaryContainer", { modelDataUrl: MODEL_URI });
    const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
    delete process.env.AWS_REGION;
    delete process.env.AWS_DEFAULT_REGION;
    try {
      for (const [model, region] of [
        [{ ...compliant("native", "model"), provider }, "us-east-1"],
        [{ ...own, provider }, "eu-west-1"],
        [{ ...own, provider: { type, props: {} } }, "us-east-1"],
      ] as const) {
        const objects = trueStore();
        await against(trueRegistry(), () => analyze(rule, model), objects);
        assert.deepEqual(objects.asked, [`${region} ${MODEL_URI}`]);
      }
    } finally {
      for (const [name, value] of Object.entries({ AWS_REGION, AWS_DEFAULT_REGION }))
        if (value !== undefined) process.env[name] = value;
    }
  });

  it("asks in the package's region, once for each object", async () => {
    const objects = trueStore();
    await against(
      trueRegistry(),
      async () => {
        await analyze(rule, compliant("native", "model"));
        await analyze(rule, compliant("classic", "model"));
      },
      objects,
    );
    assert.deepEqual(objects.asked, [`us-east-1 ${MODEL_URI}`]);
  });
});
