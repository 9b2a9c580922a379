import {
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  GetBucketPolicyCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { DescribeModelPackageCommand } from "@aws-sdk/client-sagemaker";
import * as sagemaker from "@pulumi/aws-native/sagemaker/index.js";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { lineageTags, packageKeys, parseModelPackageArn, readLineage } from "../../../contracts/lineage.ts";
import { parseS3Uri } from "../../../contracts/paths.ts";
import { type Fact, from, type Life, prove, type Scene } from "../life.ts";

/** What the registry and S3 hold of a package. */
interface Package {
  readonly arn: string;
  readonly roleArn: string;
  readonly tags: Record<string, string>;
  readonly image: string;
  readonly artifactUri: string;
}

/** One way round the gate, as somebody would write it into a program, and what must stop it. */
interface Cheat {
  readonly what: string;
  readonly resource: string;
  readonly refusedBy: string;
  readonly declare: () => void;
}

export const cheats: Scene = {
  id: "cheats",
  title: "stage prod: five ways round the gate, each refused at preview",
  async play(life): Promise<Fact[]> {
    const rejected = await describe(life, from(life.found.worse, "gate").modelPackageArn);
    const first = await describe(life, from(life.found.first, "submission").modelPackageArn);
    const better = await describe(life, from(life.found.better, "better").modelPackageArn);
    const attempts = attemptsWith(rejected, first, better);
    const undo = await overwrite(life, first.artifactUri);
    const program: PulumiFn = async () => {
      for (const { declare } of attempts) declare();
    };
    const refusals = await life.workspace.refusals("prod", "shortcuts", program).finally(undo);
    return attempts.map(({ what, resource, refusedBy }) => {
      const found = refusals.find((one) => one.resource === resource && one.message.includes(`${refusedBy}: `));
      const said = refusals.map((one) => `${one.resource}: ${one.message}`).join("\n");
      prove(found, `"${what}" was not refused by ${refusedBy}; preview said:\n${said}`);
      const message = found.message.slice(found.message.indexOf(refusedBy));
      life.say(`${what}: ${message}`);
      return { label: what, value: message };
    });
  },
};

function attemptsWith(rejected: Package, first: Package, better: Package): readonly Cheat[] {
  const model = (name: string, from: Package, tags: Record<string, string>, container: object) =>
    new sagemaker.Model(name, {
      modelName: `frugal-prod-${name}`,
      executionRoleArn: from.roleArn,
      primaryContainer: container,
      tags: Object.entries({ ...stageTags, ...tags }).map(([key, value]) => ({ key, value })),
    });
  return [
    {
      what: "pin a package that nobody approved",
      resource: "unapproved",
      refusedBy: "package-approved/status",
      declare: () => model("unapproved", rejected, rejected.tags, { modelPackageName: rejected.arn }),
    },
    {
      what: "copy the lineage tags of another model",
      resource: "copied",
      refusedBy: "lineage-tags-true/false",
      declare: () =>
        model(
          "copied",
          better,
          { ...first.tags, "frugal:model-package": better.arn },
          { modelPackageName: better.arn },
        ),
    },
    {
      what: "change the artefact after it was approved",
      resource: "changed",
      refusedBy: "artifact-digest-matches/object",
      declare: () => model("changed", first, first.tags, { modelPackageName: first.arn }),
    },
    {
      what: "serve a model that is in no package",
      resource: "unregistered",
      refusedBy: "model-from-package/not-a-package",
      declare: () =>
        model("unregistered", better, better.tags, { image: better.image, modelDataUrl: better.artifactUri }),
    },
    {
      what: "approve in code",
      resource: "self-approved",
      refusedBy: "package-not-approved-in-code/status",
      declare: () =>
        new sagemaker.ModelPackage("self-approved", {
          modelPackageGroupName: parseModelPackageArn(rejected.arn).group,
          modelApprovalStatus: "Approved",
          inferenceSpecification: {
            containers: [{ image: rejected.image, modelDataUrl: rejected.artifactUri }],
            supportedContentTypes: ["text/csv"],
            supportedResponseMimeTypes: ["text/csv"],
          },
          customerMetadataProperties: rejected.tags,
        }),
    },
  ];
}

const stageTags = {
  "frugal:stage": "prod",
  "frugal:project": "frugal-mlops",
  "frugal:owner": "somebody in a hurry",
  "frugal:component": "deployment",
};

async function describe(life: Life, arn: string): Promise<Package> {
  const found = await life.clients.sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: arn }));
  const metadata = found.CustomerMetadataProperties ?? {};
  const container = found.InferenceSpecification?.Containers?.[0];
  return {
    arn,
    roleArn: `arn:aws:iam::${parseModelPackageArn(arn).account}:role/frugal-prod-serving`,
    tags: lineageTags(readLineage(metadata, arn), arn),
    image: from(container?.Image, "submission"),
    artifactUri: from(metadata[packageKeys.artifactUri] ?? container?.ModelDataUrl, "submission"),
  };
}

/** As the account's root, who alone may lift the bucket's policy; other bytes under the address of the tested ones. */
async function overwrite(life: Life, uri: string): Promise<() => Promise<void>> {
  const { s3 } = life.clients;
  const { bucket: Bucket, key: Key } = parseS3Uri(uri);
  const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
  await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
  const body = "another model altogether";
  const { VersionId } = await s3.send(new PutObjectCommand({ Bucket, Key, Body: body, ChecksumAlgorithm: "SHA256" }));
  life.say(`root lifted the bucket's policy and overwrote ${uri}`);
  return async () => {
    await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  };
}
