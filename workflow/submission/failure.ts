import { otherHint, submissionHints } from "../../contracts/errors.ts";
import { allow, arnOf, type Scope } from "../../contracts/iam.ts";
import { type FunctionRef, invoke, notify, retryBriefly, retryCall } from "../calls.ts";
import { catchAll, expression as e, goOn, plain, type Step, type Steps, task } from "../states.ts";
import { type SubmissionRefs, testPrefix } from "./refs.ts";

type Stage = Scope & { readonly stage: string };

/**
 * What the test made is removed by name, whether it came to exist or not; a package that waits for an answer is withdrawn;
 * then the first failure is told, with what to do about it.
 */
export function failureSteps(refs: SubmissionRefs): Steps {
  return {
    StopBatchTest: stopBatchTest(refs, "RemoveTestModel"),
    RemoveTestModel: deleteTestModel(refs, { next: "PackageWaits" }),
    PackageWaits: plain({
      Type: "Choice",
      Choices: [{ Condition: e("$pending"), Next: "WithdrawPackage" }],
      Default: "NotifyFailure",
    }),
    WithdrawPackage: withdraw(refs, {
      function: refs.functions.recordDecision,
      modelPackageArn: e("$modelPackageArn"),
      comment: e("'The submission failed: ' & $failure.Error"),
      packet: e("$packet"),
      next: "NotifyFailure",
    }),
    NotifyFailure: notify({
      topicArn: refs.topicArn,
      partition: refs.partition,
      subject: `${refs.stage}: a submission failed`,
      message: e(
        `'Submission ' & $execution & ' failed: ' & $failure.Error & ': ' & ${reason("$failure.Cause")} & '\\n\\nWhat to do: ' & ${hint("$failure.Error")}`,
      ),
      next: "Failed",
    }),
    Failed: plain({ Type: "Fail", Error: e("$failure.Error"), Cause: e("$failure.Cause") }),
  };
}

/** JSONata for what people want to read of a cause: a function's own message, else all of it. */
export function reason(cause: string): string {
  const open = `'"errorMessage":"'`;
  return (
    `($cause := $replace(${cause}, '"errorMessage": "', ${open}); $contains($cause, ${open}) ? ` +
    `$replace($substringBefore($substringAfter($cause, ${open}), '", "'), /","(errorType|trace|stackTrace).*$/, '') : $cause)`
  );
}

/** JSONata for what to do about an error, by its name. */
export function hint(error: string): string {
  return `($found := $lookup(${JSON.stringify(submissionHints)}, ${error}); $exists($found) ? $found : ${JSON.stringify(otherHint)})`;
}

/** Stops the batch test by its name; needs the variable `batchTest`. */
export function stopBatchTest(refs: Stage, next: string): Step {
  return task({
    integration: "aws-sdk:sagemaker:stopTransformJob",
    partition: refs.partition,
    comment: "A job that never was or has ended cannot be stopped; that is what was wanted.",
    arguments: { TransformJobName: e("$batchTest") },
    timeoutSeconds: 60,
    retry: retryBriefly(),
    catch: [goOn(next)],
    next,
    grants: [
      allow(
        "StopBatchTest",
        "sagemaker:StopTransformJob",
        arnOf(refs, "sagemaker", `transform-job/${testPrefix(refs.stage)}*`),
      ),
    ],
  });
}

/** Deletes the test model; where `onFailure` is not given, a model that cannot be deleted stops nothing. */
export function deleteTestModel(refs: Stage, way: { next: string; onFailure?: string }): Step {
  return task({
    integration: "aws-sdk:sagemaker:deleteModel",
    partition: refs.partition,
    arguments: { ModelName: e("$testModel") },
    timeoutSeconds: 60,
    retry: way.onFailure ? retryCall() : retryBriefly(),
    catch: [way.onFailure ? catchAll(way.onFailure) : goOn(way.next)],
    next: way.next,
    grants: [
      allow("DeleteTestModel", "sagemaker:DeleteModel", arnOf(refs, "sagemaker", `model/${testPrefix(refs.stage)}*`)),
    ],
  });
}

/** Rejects a package that nobody will be asked about any more. One that was decided meanwhile stays as it is. */
export function withdraw(
  refs: Scope,
  way: {
    readonly function: FunctionRef;
    readonly modelPackageArn: string;
    readonly comment: string;
    readonly packet?: string;
    readonly next: string;
  },
): Step {
  return invoke({
    function: way.function,
    partition: refs.partition,
    payload: {
      modelPackageArn: way.modelPackageArn,
      ended: { by: "failure", comment: way.comment, ...(way.packet ? { packet: way.packet } : {}) },
    },
    catch: [goOn(way.next)],
    next: way.next,
  });
}
