/**
 * Process of the local provider: serves `aws` and `aws-native`, each on a port of its own, and prints them as one line of JSON.
 *
 * It ends when its standard input closes, which happens however its parent ends.
 */
import awsPackage from "@pulumi/aws/package.json" with { type: "json" };
import nativePackage from "@pulumi/aws-native/package.json" with { type: "json" };
import { classicProvider } from "./aws/provider.ts";
import { Client } from "./emulator/client.ts";
import { CloudFormation } from "./native/cloudformation.ts";
import { nativeProvider } from "./native/provider.ts";
import { typeSpec } from "./native/spec.ts";
import { SageMaker } from "./sagemaker/resource.ts";
import { serve } from "./server/grpc.ts";

/** The settings that `start.ts` hands over, as JSON in the variable LOCAL_PROVIDER. */
export interface Settings {
  readonly ministack: string;
  readonly sagemaker: string;
  readonly region: string;
  readonly accountId: string;
}

const settings = JSON.parse(process.env.LOCAL_PROVIDER ?? "null") as Settings | null;
if (!settings) throw new Error("LOCAL_PROVIDER is not set: start this process through local/provider/start.ts");

process.stdin.resume();
process.stdin.once("end", () => process.exit(0));
process.stdin.once("error", () => process.exit(0));
process.once("SIGTERM", () => process.exit(0));
// Ctrl-C reaches every process of a terminal; the engine still needs us to finish what it has begun.
process.on("SIGINT", () => undefined);
// An engine that goes away in the middle of a call is no reason to end.
process.on("unhandledRejection", (error) => console.error(error));

const { region, accountId } = settings;
const ministack = new Client({ url: settings.ministack, region, accountId });
const stacks = new CloudFormation(ministack);
const sagemaker = new SageMaker(new Client({ url: settings.sagemaker, region, accountId }));

const [aws, native] = await Promise.all([
  serve(classicProvider(ministack, awsPackage.version)),
  serve(
    nativeProvider({
      region,
      accountId,
      version: nativePackage.version,
      backendOf: ({ cfnType }) => (cfnType.startsWith("AWS::SageMaker::") ? sagemaker : stacks),
    }),
  ),
]);
console.log(JSON.stringify({ aws, "aws-native": native }));
// The spec is needed by the first check: load it while the engine starts.
setImmediate(() => typeSpec("aws-native:s3:Bucket"));
