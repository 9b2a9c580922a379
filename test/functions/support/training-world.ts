/** PlanTraining and RecordTraining in one world of trainings. */
import type { TrainingInput } from "../../../contracts/training.ts";
import { trainingJobName } from "../../../contracts/training-job.ts";
import { makeHandler as makePlan } from "../../../functions/plan-training/plan.ts";
import { awsPorts as planPorts } from "../../../functions/plan-training/ports.ts";
import { awsPorts as recordPorts } from "../../../functions/record-training/ports.ts";
import { makeHandler as makeRecord } from "../../../functions/record-training/record.ts";
import { fakeLog } from "./fake-log.ts";
import { artifactBucket, dataBucket, key, request, Trainings } from "./trainings.ts";

export const first = trainingJobName("dev", request.datasetVersion, key, 1);
export const second = trainingJobName("dev", request.datasetVersion, key, 2);
export const third = trainingJobName("dev", request.datasetVersion, key, 3);
const limits = {
  instanceTypes: ["ml.m5.large", "ml.m5.xlarge"],
  maxRuntimeSeconds: 3600,
  spot: true,
  spotWaitSeconds: 900,
};

export function world() {
  const trainings = new Trainings();
  const clients = { s3: trainings.s3.as<never>(), sagemaker: trainings.sagemaker.as<never>() };
  const plan = makePlan(
    planPorts(clients, artifactBucket),
    { STAGE: "dev", DATA_BUCKET: dataBucket, ARTIFACT_BUCKET: artifactBucket, LIMITS: limits },
    fakeLog(),
  );
  const record = makeRecord(recordPorts(clients), { ARTIFACT_BUCKET: artifactBucket }, fakeLog());
  return {
    trainings,
    plan: (more: Partial<TrainingInput> = {}, following = "") => plan({ request: { ...request, ...more }, following }),
    record: (trainingJobName = first) => record({ key, trainingJobName }),
  };
}
