/** Submission: a trained artefact is tested, judged, registered and put before people. */
import type * as pulumi from "@pulumi/pulumi";
import type { EvaluationRules, GateRules } from "../contracts/evaluation.ts";
import { artifactPrefix, runsPrefix, submissionsPrefix } from "../contracts/paths.ts";
import { grants as evaluateGrants } from "../functions/evaluate/grants.ts";
import { grants as gateGrants } from "../functions/gate/grants.ts";
import { grants as stageGrants } from "../functions/stage-artifact/grants.ts";
import { definition as cleanUp, grants as cleanUpGrants, endings } from "../workflow/clean-up.ts";
import { definition, grants, type SubmissionRefs } from "../workflow/submission.ts";
import type { Approval } from "./approval.ts";
import type { Dataset } from "./dataset.ts";
import type { Notices } from "./notices.ts";
import type { Registry } from "./registry.ts";
import { FlowComponent } from "./shared/component.ts";
import { machineRule } from "./shared/event-rule.ts";
import { type CodeSource, FrugalFunction } from "./shared/function.ts";
import { readObjects, runGrants, writeObjects } from "./shared/job-grants.ts";
import type { Site } from "./shared/naming.ts";
import { type ServiceRole, serviceRole } from "./shared/role.ts";
import { servingCost } from "./shared/serving-cost.ts";
import type { StageSettings } from "./shared/settings.ts";
import { flowMachine } from "./shared/state-machine.ts";
import { apiTags } from "./shared/tags.ts";

export interface SubmissionArgs {
  readonly site: Site;
  readonly code: CodeSource;
  readonly notices: Notices;
  readonly dataset: Dataset;
  readonly registry: Registry;
  readonly approval: Approval;
  readonly settings: Pick<
    StageSettings,
    | "modelName"
    | "evaluation"
    | "gate"
    | "batchTest"
    | "approval"
    | "serving"
    | "registry"
    | "deployment"
    | "logRetentionDays"
  >;
}

interface Functions {
  readonly stageArtifact: FrugalFunction;
  readonly evaluate: FrugalFunction;
  readonly gate: FrugalFunction;
}

/** What the gate asks for, as two functions read it. */
function gateRules({ gate, evaluation }: Pick<StageSettings, "gate" | "evaluation">): string {
  return JSON.stringify({ ...gate, confidence: evaluation.confidence } satisfies GateRules);
}

export class Submission extends FlowComponent {
  /** ARN of the state machine that a submission starts; known before it exists. */
  readonly stateMachineArn: string;
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: SubmissionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("submission", name, args.site, opts);
    const functions: Functions = {
      stageArtifact: this.stageArtifact(args),
      evaluate: this.evaluate(args),
      gate: this.gate(args),
    };
    const testRole = this.testRole(args);
    const machine = this.machine(args, functions, testRole);
    this.stateMachineArn = machine.arn;
    this.ready = [machine.resource];
    this.cleanUp(args, machine.arn);
    this.registerOutputs({ stateMachineArn: this.stateMachineArn });
  }

  private stageArtifact({ site, code, dataset, registry, settings }: SubmissionArgs): FrugalFunction {
    return new FrugalFunction(this, {
      code,
      name: "stage-artifact",
      environment: {
        DATA_BUCKET: dataset.bucketName,
        ARTIFACT_BUCKET: registry.bucketName,
        MODEL_NAME: settings.modelName,
        // A serverless endpoint takes no pipeline: better said before the test than after the approval.
        PIPELINES: String(settings.deployment.flow === "none"),
        GATE: gateRules(settings),
      },
      grants: stageGrants({
        ...site,
        dataBucket: dataset.bucketName,
        artifactBucket: registry.bucketName,
        trainingOutputs: [{ bucket: registry.bucketName, keys: `${runsPrefix}*` }],
      }),
      logRetentionDays: settings.logRetentionDays,
    });
  }

  private evaluate({ site, code, dataset, registry, settings }: SubmissionArgs): FrugalFunction {
    return new FrugalFunction(this, {
      code,
      name: "evaluate",
      environment: {
        ARTIFACT_BUCKET: registry.bucketName,
        EVALUATION: JSON.stringify({ ...settings.evaluation, metric: settings.gate.metric } satisfies EvaluationRules),
      },
      grants: evaluateGrants({
        dataBucket: dataset.bucketName,
        artifactBucket: registry.bucketName,
        partition: site.partition,
      }),
      logRetentionDays: settings.logRetentionDays,
    });
  }

  private gate({ site, code, registry, settings }: SubmissionArgs): FrugalFunction {
    return new FrugalFunction(this, {
      code,
      name: "gate",
      environment: {
        ARTIFACT_BUCKET: registry.bucketName,
        GATE: gateRules(settings),
      },
      grants: gateGrants({ ...site, modelPackageGroup: registry.groupName, artifactBucket: registry.bucketName }),
      logRetentionDays: settings.logRetentionDays,
    });
  }

  /** The test model reads the artefact and the data it is tested on, and writes its predictions; nothing else. */
  private testRole({ site, dataset, registry }: SubmissionArgs): ServiceRole {
    return serviceRole(this, "batch-test", {
      service: "sagemaker",
      description: `What the batch test of a candidate may do in stage ${site.stage}`,
      grants: [
        ...readObjects(site, "Artifacts", registry.bucketName, [`${artifactPrefix}*`]),
        ...readObjects(site, "TestData", dataset.bucketName, ["datasets/*"]),
        ...writeObjects(site, "Predictions", registry.bucketName, [`${submissionsPrefix}*/predictions/*`]),
        ...runGrants(site),
      ],
    });
  }

  private machine(args: SubmissionArgs, functions: Functions, testRole: ServiceRole) {
    const { site, notices, registry, approval, settings } = args;
    const refs: SubmissionRefs = {
      account: site.account,
      region: site.region,
      partition: site.partition,
      stage: site.stage,
      modelName: settings.modelName,
      functions: {
        stageArtifact: functions.stageArtifact.ref,
        evaluate: functions.evaluate.ref,
        gate: functions.gate.ref,
        requestApproval: approval.request.ref,
        recordDecision: approval.record.ref,
      },
      artifactBucket: registry.bucketName,
      modelPackageGroup: registry.groupName,
      testRoleArn: testRole.arn,
      topicArn: notices.topicArn,
      keyArn: site.key?.aliasArn,
      instanceType: settings.batchTest.instanceType,
      batchTestTimeoutMinutes: settings.batchTest.timeoutMinutes,
      expiryHours: settings.approval.expiryHours,
      remindHours: settings.approval.remindHours,
      modelCard: settings.registry.modelCard,
      serving: servingCost(settings.deployment.flow, settings.serving, site.region),
      tags: apiTags(this.tagMap()),
    };
    return flowMachine(this, "submission", {
      definition: definition(refs),
      grants: grants(refs),
      // Task tokens and people's addresses pass through it.
      logData: false,
      logRetentionDays: settings.logRetentionDays,
      notices,
      dependsOn: [
        ...Object.values(functions).map((one) => one.resource),
        testRole.resource,
        ...approval.ready,
        ...registry.ready,
      ],
    });
  }

  /** Step Functions says itself how each execution ended; after some ends there may be something left. */
  private cleanUp({ site, notices, registry, approval, settings }: SubmissionArgs, submissionArn: string): void {
    const refs = {
      account: site.account,
      region: site.region,
      partition: site.partition,
      stage: site.stage,
      modelPackageGroup: registry.groupName,
      recordDecision: approval.record.ref,
      topicArn: notices.topicArn,
    };
    const machine = flowMachine(this, "clean-up", {
      definition: cleanUp(refs),
      grants: cleanUpGrants(refs),
      // An event's input may hold what the submitter wrote.
      logData: false,
      logRetentionDays: settings.logRetentionDays,
      notices,
      dependsOn: [...approval.ready, ...registry.ready],
    });
    machineRule(this, "submission-ended", {
      description: `What is left of a cut-off submission of stage ${site.stage} is removed`,
      pattern: {
        source: ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        detail: { stateMachineArn: [submissionArn], status: [...endings] },
      },
      target: machine,
      failedEventsArn: notices.failedEventsArn,
    });
  }
}
