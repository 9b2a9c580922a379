/** Deployment guardrails on instance endpoints: a canary bakes, an alarm rolls back, RetainAllVariantProperties keeps weights. */
import assert from "node:assert/strict";
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  type DeploymentConfig,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand } from "@aws-sdk/client-sagemaker-runtime";
import { type Estate, IMAGE, inference, SERVING, settledEndpoint, startEstate } from "./control-support.ts";

const ALARM = "candidate-errors";
const CANARY: DeploymentConfig = {
  BlueGreenUpdatePolicy: {
    TrafficRoutingConfiguration: {
      Type: "CANARY",
      WaitIntervalInSeconds: 60,
      CanarySize: { Type: "CAPACITY_PERCENT", Value: 50 },
    },
  },
  AutoRollbackConfiguration: { Alarms: [{ AlarmName: ALARM }] },
};

describe("deployment guardrails of the SageMaker front", function () {
  this.timeout(60_000);
  let estate: Estate;

  /** One call of CloudWatch, whose client is no dependency of the project. */
  async function cloudwatch(parameters: Record<string, string>): Promise<void> {
    const authorization =
      "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=0";
    const body = new URLSearchParams({ Version: "2010-08-01", ...parameters });
    const response = await fetch(`${estate.emulators.ministack}/`, {
      method: "POST",
      headers: { authorization },
      body,
    });
    assert.equal(response.status, 200, await response.text());
  }
  const alarmState = (StateValue: string) =>
    cloudwatch({ Action: "SetAlarmState", AlarmName: ALARM, StateValue, StateReason: "test" });

  before(async () => {
    estate = await startEstate();
    for (const name of ["one", "two"]) {
      const ModelDataUrl = await estate.putArchive(`models/${name}.tar.gz`, { "code/inference.py": inference(name) });
      const PrimaryContainer = { Image: IMAGE, ModelDataUrl, Environment: SERVING };
      const model = { ModelName: name, ExecutionRoleArn: estate.roleArn, PrimaryContainer };
      await estate.sagemaker.send(new CreateModelCommand(model));
      const variant = { ModelName: name, InstanceType: "ml.m5.large", InitialInstanceCount: 1 } as const;
      const ProductionVariants = ["a", "b"].map((VariantName) => ({ ...variant, VariantName }));
      await estate.sagemaker.send(new CreateEndpointConfigCommand({ EndpointConfigName: name, ProductionVariants }));
    }
    await cloudwatch({
      Action: "PutMetricAlarm",
      AlarmName: ALARM,
      Namespace: "test",
      MetricName: "errors",
      Statistic: "Sum",
      Period: "60",
      EvaluationPeriods: "1",
      Threshold: "1",
      ComparisonOperator: "GreaterThanThreshold",
    });
    await estate.sagemaker.send(new CreateEndpointCommand({ EndpointName: "e", EndpointConfigName: "one" }));
    const endpoint = await settledEndpoint(estate.sagemaker, "e");
    assert.equal(endpoint.EndpointStatus, "InService", endpoint.FailureReason);
  });
  after(() => estate?.stop());

  const update = (DeploymentConfig?: DeploymentConfig, RetainAllVariantProperties = false) =>
    estate.sagemaker.send(
      new UpdateEndpointCommand({
        EndpointName: "e",
        EndpointConfigName: "two",
        DeploymentConfig,
        RetainAllVariantProperties,
      }),
    );

  async function ask(TargetVariant?: string): Promise<[string, string | undefined]> {
    const call = { EndpointName: "e", Body: Buffer.from("x"), ContentType: "text/csv", TargetVariant };
    const answer = await estate.runtime.send(new InvokeEndpointCommand(call));
    return [Buffer.from(answer.Body ?? []).toString("utf8"), answer.InvokedProductionVariant];
  }

  it("rolls back, still InService, when an alarm is in ALARM while the canary bakes", async () => {
    await alarmState("ALARM");
    await update(CANARY);
    const endpoint = await settledEndpoint(estate.sagemaker, "e");
    assert.equal(endpoint.EndpointStatus, "InService");
    assert.equal(endpoint.EndpointConfigName, "one");
    assert.match(endpoint.FailureReason ?? "", /alarm\(s\) in ALARM state: candidate-errors/);
    assert.deepEqual(await ask("b"), ["one:x", "b"]);
  });

  it("sends calls to variants by weight", async () => {
    const DesiredWeightsAndCapacities = [
      { VariantName: "a", DesiredWeight: 0 },
      { VariantName: "b", DesiredWeight: 5, DesiredInstanceCount: 2 },
    ];
    await estate.sagemaker.send(
      new UpdateEndpointWeightsAndCapacitiesCommand({ EndpointName: "e", DesiredWeightsAndCapacities }),
    );
    const endpoint = await settledEndpoint(estate.sagemaker, "e");
    const shown = endpoint.ProductionVariants?.map(({ CurrentWeight, CurrentInstanceCount }) => [
      CurrentWeight,
      CurrentInstanceCount,
    ]);
    assert.deepEqual(shown, [
      [0, 1],
      [5, 2],
    ]);
    for (let call = 0; call < 5; call += 1) assert.deepEqual(await ask(), ["one:x", "b"]);
  });

  it("bakes and takes over when the alarm is quiet; weights stay when asked to", async () => {
    await alarmState("OK");
    await update(CANARY, true);
    const endpoint = await settledEndpoint(estate.sagemaker, "e");
    assert.equal(endpoint.EndpointConfigName, "two", endpoint.FailureReason);
    assert.deepEqual(endpoint.LastDeploymentConfig, CANARY);
    assert.deepEqual(await ask(), ["two:x", "b"]);
    const statuses = (
      await estate.events((event) => event["detail-type"] === "SageMaker Endpoint Deployment State Change", 3)
    ).map((event) => {
      const pending = event.detail.PendingDeploymentSummary as {
        ProductionVariants: { VariantStatus: { Status: string }[] }[];
      };
      return pending.ProductionVariants[0]?.VariantStatus[0]?.Status;
    });
    assert.ok(
      ["Creating", "ActivatingTraffic", "Baking"].every((status) => statuses.includes(status)),
      String(statuses),
    );
  });
});
