import { scopeOf } from "../record-lineage/record.ts";
import { awsStore } from "../record-lineage/store.ts";
import { awsTruth } from "../record-lineage/truth.ts";
import { s3 } from "../shared/clients/s3.ts";
import { sagemaker } from "../shared/clients/sagemaker.ts";
import { readEnvironment } from "../shared/environment.ts";
import { functionLog } from "../shared/log.ts";
import { Environment, makeHandler } from "./run.ts";
import { subjects } from "./subjects.ts";

const environment = readEnvironment(Environment);
export const handler = makeHandler(
  awsTruth(sagemaker, s3),
  awsStore(sagemaker),
  (listing) => subjects(sagemaker, listing),
  { ...scopeOf(environment), groups: environment.MODEL_PACKAGE_GROUPS },
  functionLog(),
);
