/** What every command shares: clients, who runs it, and the two ways out (standard output for the answer, standard error for progress). */
import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SSMClient } from "@aws-sdk/client-ssm";
import { type Command, Option } from "commander";

/** Options that every command takes. */
export interface Common {
  stage: string;
  json?: boolean;
}

export interface Context {
  /** Clients are made when first asked for: loading and configuring all of them would slow `--help` down. */
  readonly s3: S3Client;
  readonly sagemaker: SageMakerClient;
  readonly sfn: SFNClient;
  readonly ssm: SSMClient;
  /** Prints the answer: the value as JSON with `--json`, else the text. */
  print(options: Common, value: object, text: string): void;
  /** A line about what happens, on standard error, so that standard output stays what was asked for. */
  progress(line: string): void;
  /** Who runs the command: FRUGAL_USER, else the login name. */
  person(): string;
}

export function makeContext(): Context {
  const made = new Map<string, unknown>();
  const once = <T>(name: string, make: () => T): T => {
    if (!made.has(name)) made.set(name, make());
    return made.get(name) as T;
  };
  // Against an emulator a bucket's name in the host does not resolve.
  const forcePathStyle = Boolean(process.env.AWS_ENDPOINT_URL ?? process.env.AWS_ENDPOINT_URL_S3);
  return {
    get s3() {
      return once("s3", () => new S3Client({ forcePathStyle }));
    },
    get sagemaker() {
      return once("sagemaker", () => new SageMakerClient());
    },
    get sfn() {
      return once("sfn", () => new SFNClient());
    },
    get ssm() {
      return once("ssm", () => new SSMClient());
    },
    print(options, value, text) {
      console.log(options.json ? JSON.stringify(value, null, 2) : text);
    },
    progress: (line) => console.error(line),
    person: () => process.env.FRUGAL_USER ?? process.env.USER ?? process.env.LOGNAME ?? "unknown",
  };
}

/** Adds the options that every command takes. */
export function common(command: Command): Command {
  return command
    .addOption(new Option("--stage <name>", "the Pulumi stack").env("FRUGAL_STAGE").default("dev"))
    .option("--json", "print JSON");
}

/** Help text that shows how a command is used. */
export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}`;
}
