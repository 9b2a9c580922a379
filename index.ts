/**
 * The estate of one stage: what protects it, then the flow in its order: data, lineage, training, submission, approval,
 * deployment.
 * Composition only; what each part is made of stands in components/.
 */
import { Approval } from "./components/approval.ts";
import { Code } from "./components/code.ts";
import { Dataset } from "./components/dataset.ts";
import { Deployment } from "./components/deployment.ts";
import { Lineage } from "./components/lineage.ts";
import { Notices } from "./components/notices.ts";
import { Parameters } from "./components/parameters.ts";
import { lookUpPackage, PinnedEndpoint } from "./components/pinned-endpoint.ts";
import { Registry } from "./components/registry.ts";
import { Safeguards } from "./components/safeguards.ts";
import { Sandbox } from "./components/sandbox.ts";
import { bundleFunctions } from "./components/shared/bundle.ts";
import { physicalName } from "./components/shared/naming.ts";
import { findSite } from "./components/site.ts";
import { Submission } from "./components/submission.ts";
import { Training } from "./components/training.ts";
import { readStageConfig } from "./config.ts";
import { catalogue } from "./functions/catalogue.ts";

const settings = readStageConfig();
const { modelName, logRetentionDays } = settings;
const { flow, modelPackageArn } = settings.deployment;
const [place, bundles] = await Promise.all([findSite(settings), bundleFunctions(catalogue.map((entry) => entry.name))]);
const { guarded: site } = new Safeguards("safeguards", {
  site: place,
  encryption: settings.encryption,
  budget: settings.budget,
  approvers: settings.approval.approvers,
});
const servingPrefix = physicalName(site, "endpoint", modelName);

const notices = new Notices("notices", { site, email: settings.alarms.email });
const code = new Code("code", { site, bundles }).source;
const dataset = new Dataset("dataset", { site, data: settings.data });
const registry = new Registry("registry", { site, modelName });
new Lineage("lineage", {
  site,
  code,
  notices,
  dataset,
  registry,
  servingPrefix,
  servedPackageArn: modelPackageArn,
  logRetentionDays,
});
const training = new Training("training", { site, code, notices, dataset, registry, settings });
const sandbox = settings.sandbox.enabled
  ? new Sandbox("sandbox", { site, dataset, registry, training, sandbox: settings.sandbox })
  : undefined;
const approval = new Approval("approval", {
  site,
  code,
  notices,
  dataset,
  registry,
  approval: settings.approval,
  logRetentionDays,
});
const submission = new Submission("submission", { site, code, notices, dataset, registry, approval, settings });
// Artefact flow: the approval deploys. Commit flow: the commit deploys, and only what it names. Flow none: nothing does.
const deployment =
  flow === "artefact"
    ? new Deployment("deployment", { site, code, notices, registry, servingPrefix, settings })
    : undefined;
if (modelPackageArn !== undefined) {
  const pinned = await lookUpPackage(modelPackageArn);
  new PinnedEndpoint("deployment", { site, servingPrefix, modelPackageArn, pinned, serving: settings.serving });
}
new Parameters("parameters", {
  site,
  values: {
    dataBucket: dataset.bucketName,
    artifactBucket: registry.bucketName,
    trainingRole: training.roleArn,
    trainingStateMachine: training.stateMachineArn,
    sandboxRole: sandbox?.roleArn,
    modelPackageGroup: registry.groupName,
    submissionStateMachine: submission.stateMachineArn,
    rolloutStateMachine: deployment?.stateMachineArn,
    approvalUrl: approval.url,
    endpointName: servingPrefix,
  },
  datasets: settings.datasets,
});

export const stage = site.stage;
export const dataBucket = dataset.bucketName;
export const artifactBucket = registry.bucketName;
export const modelPackageGroup = registry.groupName;
export const trainingRoleArn = training.roleArn;
export const trainingStateMachineArn = training.stateMachineArn;
/** Null where the stage has no sandbox. */
export const sandboxRoleArn = sandbox?.roleArn ?? null;
export const submissionStateMachineArn = submission.stateMachineArn;
/** Null unless the approval deploys. */
export const rolloutStateMachineArn = deployment?.stateMachineArn ?? null;
export const approvalUrl = approval.url;
export const endpointName = servingPrefix;
