import assert from "node:assert/strict";
import type { CreateTransformJobRequest } from "@aws-sdk/client-sagemaker";
import fc from "fast-check";
import { lineSplitter } from "../../../local/sagemaker/run/child.ts";
import { downloadFault, JobFault, S3Fault, uploadFault } from "../../../local/sagemaker/run/faults.ts";
import { isPython, isScikitLearn, repositoryName, unsupportedImage } from "../../../local/sagemaker/run/images.ts";
import { mapPaths } from "../../../local/sagemaker/run/job-folder.ts";
import { batchLines } from "../../../local/sagemaker/run/logs.ts";
import { finalMetrics, metricProblems } from "../../../local/sagemaker/run/metrics.ts";
import { algorithmError, errorFromLog } from "../../../local/sagemaker/run/reasons.ts";
import { configFiles, refuse, submitDirectory } from "../../../local/sagemaker/run/training-input.ts";
import { planTransform } from "../../../local/sagemaker/run/transform-plan.ts";

const IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3";

describe("images that jobs can run", () => {
  it("knows the scikit-learn repository by any tag or digest, and python by any path", () => {
    assert.equal(repositoryName(IMAGE), "sagemaker-scikit-learn");
    assert.ok(isScikitLearn("1.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn@sha256:ab"));
    assert.ok(!isScikitLearn("1.dkr.ecr.eu-west-1.amazonaws.com/my-sagemaker-scikit-learn:1"));
    assert.ok(
      isPython("python3") &&
        isPython("/usr/bin/python3.9") &&
        !isPython("pythonista") &&
        !isPython("bash") &&
        !isPython(undefined),
    );
    assert.match(
      unsupportedImage("x/xgboost:1", "serving"),
      /image x\/xgboost:1 for serving.*local\/sagemaker\/run\/images\.ts/,
    );
  });
});

describe("a job's log", () => {
  it("is cut into lines however it arrives", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "\n") }), fc.integer({ min: 1, max: 5 }), (text, size) => {
        const lines: string[] = [];
        const splitter = lineSplitter((line) => lines.push(line));
        for (let at = 0; at < text.length; at += size) splitter.push(text.slice(at, at + size));
        splitter.end();
        assert.equal(lines.join("\n"), text.endsWith("\n") ? text.slice(0, -1) : text);
      }),
    );
  });

  it("is sent in calls that PutLogEvents accepts", () => {
    const lines = Array.from({ length: 10_001 }, () => ({ timestamp: 1, message: "x" }));
    assert.deepEqual(
      batchLines(lines).map((batch) => batch.length),
      [10_000, 1],
    );
    const large = batchLines(Array.from({ length: 5 }, () => ({ timestamp: 1, message: "y".repeat(300_000) })));
    for (const batch of large)
      assert.ok(batch.reduce((sum, line) => sum + Buffer.byteLength(line.message) + 26, 0) <= 1_048_576);
    assert.equal(large.flat().length, 5);
    assert.deepEqual(batchLines([{ timestamp: 1, message: "" }]), []);
  });

  it("gives each metric's last number", () => {
    const lines = ["acc=0.5", "acc=0.7; loss=1e-3", "acc=none"].map((message, timestamp) => ({ timestamp, message }));
    const definitions = [
      { Name: "acc", Regex: "acc=(\\S+?)(?:;|$)" },
      { Name: "loss", Regex: "loss=(\\S+)" },
      { Name: "none", Regex: "f1=(\\S+)" },
      { Name: "broken", Regex: "(" },
    ];
    assert.deepEqual(finalMetrics(definitions, lines), [
      { MetricName: "acc", Value: 0.7, Timestamp: 1 },
      { MetricName: "loss", Value: 0.001, Timestamp: 1 },
    ]);
    assert.match(metricProblems(definitions)[0] as string, /^MetricDefinitions broken: /);
  });

  it("gives the last error's message", () => {
    const log = [
      "Traceback (most recent call last):",
      '  File "a.py", line 1, in <module>',
      "    f()",
      "KeyError: 'x'",
      "",
      "During handling",
      "Traceback (most recent call last):",
      '  File "a.py"',
      "ValueError: two",
      "lines",
    ];
    assert.equal(errorFromLog(log), "ValueError: two\nlines");
    assert.equal(
      errorFromLog(["usage: train.py", "train.py: error: unrecognized arguments: -C 1"]),
      "train.py: error: unrecognized arguments: -C 1",
    );
    assert.equal(errorFromLog(["fine"]), "");
  });

  it("becomes a FailureReason of at most 1,024 characters", () => {
    assert.equal(
      algorithmError(1, undefined, ["ValueError: x"], "python train.py"),
      'AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage "ValueError: x"\nCommand "python train.py", exit code: 1',
    );
    assert.match(algorithmError(137, undefined, [], "c"), /ExtraInfo "OutOfMemory/);
    const long = algorithmError(2, "y".repeat(5000), [], "c");
    assert.ok(long.length === 1024 && long.endsWith(", exit code: 2"));
  });
});

describe("a job's S3 faults", () => {
  it("speak as AWS's do", () => {
    assert.equal(
      downloadFault(new S3Fault("GetObject", "s3://b/k", "AccessDenied", "Access Denied")).message,
      "ClientError: Data download failed:Unable to download object s3://b/k (AccessDenied: Access Denied)",
    );
    assert.match(
      downloadFault(new S3Fault("ListObjectsV2", "s3://b/k", "AccessDenied", "no")).message,
      /Failed to download data\. ListObjectsV2 failed for s3:\/\/b\/k/,
    );
    assert.match(
      uploadFault(new S3Fault("PutObject", "s3://b/k", "AccessDenied", "no")).message,
      /^ClientError: Artifact upload failed:Error 7: AccessDenied/,
    );
  });

  it("leave other errors alone: those are ours", () => {
    assert.throws(() => downloadFault(new TypeError("bug")), TypeError);
    const fault = new JobFault("x");
    assert.equal(uploadFault(fault), fault);
  });
});

describe("container paths", () => {
  it("are replaced where they stand as paths, and only there", () => {
    assert.equal(mapPaths("--in=/opt/ml/processing/in", "/j"), "--in=/j/processing/in");
    assert.equal(mapPaths('["/opt/ml","/opt/ml/a"]', "/j"), '["/j","/j/a"]');
    assert.equal(mapPaths("s3://b/opt/ml/a /opt/mlx /x/opt/ml", "/j"), "s3://b/opt/ml/a /opt/mlx /x/opt/ml");
    assert.equal(mapPaths("/opt/ml", "/$&"), "/$&");
  });
});

describe("a training request", () => {
  const request = {
    TrainingJobName: "t",
    RoleArn: "r",
    AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: "File" as const },
    OutputDataConfig: { S3OutputPath: "s3://b" },
    ResourceConfig: { InstanceType: "ml.m5.large" as const, InstanceCount: 1, VolumeSizeInGB: 1 },
    StoppingCondition: {},
  };

  it("is refused for what cannot be run here", () => {
    refuse(request);
    assert.throws(
      () => refuse({ ...request, ResourceConfig: { ...request.ResourceConfig, InstanceCount: 2 } }),
      /got InstanceCount 2/,
    );
    assert.throws(
      () =>
        refuse({
          ...request,
          AlgorithmSpecification: { ...request.AlgorithmSpecification, TrainingInputMode: "Pipe" },
          InputDataConfig: [{ ChannelName: "train", DataSource: {} }],
        }),
      /channel train: .* no Pipe mode/,
    );
    assert.throws(
      () =>
        refuse({
          ...request,
          AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: "File", ContainerEntrypoint: ["bash"] },
        }),
      /cannot run image/,
    );
    refuse({
      ...request,
      AlgorithmSpecification: {
        TrainingImage: "x/y",
        TrainingInputMode: "File",
        ContainerEntrypoint: ["python3", "-c", "1"],
      },
    });
  });

  it("becomes the container's configuration files", () => {
    const files = configFiles({
      ...request,
      HyperParameters: { a: "1" },
      InputDataConfig: [{ ChannelName: "train", ContentType: "text/csv", DataSource: {} }],
    });
    assert.deepEqual(files.hyperparameters, { a: "1" });
    assert.deepEqual(files.inputdataconfig, {
      train: {
        ContentType: "text/csv",
        TrainingInputMode: "File",
        S3DistributionType: "FullyReplicated",
        RecordWrapperType: "None",
      },
    });
  });

  it("names its source as JSON or plainly", () => {
    assert.equal(submitDirectory({ sagemaker_submit_directory: '"s3://b/s.tar.gz"' }), "s3://b/s.tar.gz");
    assert.equal(submitDirectory({ sagemaker_submit_directory: "s3://b/s.tar.gz" }), "s3://b/s.tar.gz");
    assert.equal(submitDirectory({}), undefined);
    assert.throws(
      () => submitDirectory({ sagemaker_submit_directory: "/opt/ml/code" }),
      /must be the S3 URI of a tar\.gz, got \/opt\/ml\/code/,
    );
  });
});

describe("a transform request", () => {
  const request: CreateTransformJobRequest = {
    TransformJobName: "x",
    ModelName: "m",
    TransformInput: {
      DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: "s3://b/in" } },
      ContentType: "text/csv",
      SplitType: "Line",
    },
    TransformOutput: { S3OutputPath: "s3://b/out", AssembleWith: "Line" },
    TransformResources: { InstanceType: "ml.m5.large", InstanceCount: 1 },
  };

  it("has SageMaker's defaults and tells the container", () => {
    const plan = planTransform(request);
    assert.equal(plan.maxBytes, 6 * 1024 * 1024);
    assert.equal(plan.retries, 3);
    assert.equal(plan.processing, undefined);
    assert.deepEqual(plan.environment, {
      SAGEMAKER_BATCH: "true",
      SAGEMAKER_MAX_PAYLOAD_IN_MB: "6",
      SAGEMAKER_BATCH_STRATEGY: "MULTI_RECORD",
      SAGEMAKER_MAX_CONCURRENT_TRANSFORMS: "1",
    });
  });

  it("is refused for what SageMaker or this stand-in does not take", () => {
    assert.throws(
      () => planTransform({ ...request, MaxPayloadInMB: 60, MaxConcurrentTransforms: 2 }),
      /must not exceed 100/,
    );
    assert.throws(
      () =>
        planTransform({ ...request, TransformInput: { ...request.TransformInput, SplitType: "RecordIO" } as never }),
      /not by SplitType RecordIO/,
    );
    const joined = { DataProcessing: { JoinSource: "Input" as const } };
    assert.throws(
      () => planTransform({ ...request, ...joined, TransformOutput: { S3OutputPath: "s3://b" } }),
      /needs SplitType Line and AssembleWith Line/,
    );
    assert.throws(
      () =>
        planTransform({
          ...request,
          ...joined,
          TransformOutput: { S3OutputPath: "s3://b", AssembleWith: "Line", Accept: "application/json" },
        }),
      /same format/,
    );
    assert.throws(() => planTransform({ ...request, DataProcessing: { InputFilter: "$..x" } }), /is not supported/);
  });
});
