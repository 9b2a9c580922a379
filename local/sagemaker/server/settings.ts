/** Reads the front's settings from its environment; every fault in one message. */

export interface Settings {
  /** Port to listen on; 0 = any free one. */
  readonly port: number;
  /** Base URL of the emulated AWS; it may not be up yet when the front starts. */
  readonly ministackUrl: string;
  /** Base URL of the moto server. */
  readonly motoUrl: string;
  /** Folder for job folders and logs. */
  readonly workdir: string;
  /** Python of the project's virtual environment (botocore's model is read from there; jobs run with it). */
  readonly python: string;
  readonly accountId: string;
  readonly region: string;
  /** Whether every second model package event is sent twice, as AWS may do. @default true */
  readonly repeatEvents: boolean;
  /** What a second CreateArtifact with the same SourceUri gets. AWS's behaviour is not known. @default "error" */
  readonly artifactDuplicate: "error" | "same";
  /** Whether an endpoint may serve a model package version that is not Approved. @default false */
  readonly unapprovedDeploy: boolean;
  /** Seconds without a call after which a serverless variant's worker is ended; the next call starts it again. @default 300 */
  readonly serverlessIdleSeconds: number;
  /** Longest wait for a model server's first healthy /ping, in seconds (AWS: 180 serverless, 240 instances). @default 60 */
  readonly startupSeconds: number;
  /** Factor on the waits of deployment guardrails (canary, baking). @default 0.01 */
  readonly waitScale: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws one Error that names every missing or malformed variable. */
export function readSettings(env: Environment): Settings {
  const faults: string[] = [];
  const required = (name: string): string => {
    const value = env[name];
    if (!value) faults.push(`${name} is not set`);
    return value ?? "";
  };
  const url = (name: string): string => {
    const value = required(name);
    if (value && !URL.canParse(value)) faults.push(`${name} must be a URL, got "${value}"`);
    return value.replace(/\/+$/, "");
  };
  const number = (name: string, fallback: number, min: number, max: number): number => {
    const value = Number(env[name] ?? fallback);
    if (!(value >= min && value <= max)) faults.push(`${name} must be ${min} to ${max}, got "${env[name]}"`);
    return value;
  };
  const choice = <T extends string>(name: string, values: readonly T[], fallback: T): T => {
    const value = (env[name] ?? fallback) as T;
    if (!values.includes(value)) faults.push(`${name} must be ${values.join(" or ")}, got "${value}"`);
    return value;
  };
  const settings: Settings = {
    port: number("FRONT_PORT", 0, 0, 65_535),
    ministackUrl: url("MINISTACK_URL"),
    motoUrl: url("MOTO_URL"),
    workdir: required("FRONT_WORKDIR"),
    python: required("FRONT_PYTHON"),
    accountId: required("AWS_ACCOUNT_ID"),
    region: required("AWS_REGION"),
    repeatEvents: choice("FRONT_REPEAT_EVENTS", ["on", "off"], "on") === "on",
    artifactDuplicate: choice("FRONT_ARTIFACT_DUPLICATE", ["error", "same"], "error"),
    unapprovedDeploy: choice("FRONT_UNAPPROVED_DEPLOY", ["refuse", "allow"], "refuse") === "allow",
    serverlessIdleSeconds: number("FRONT_SERVERLESS_IDLE_SECONDS", 300, 0.1, 86_400),
    startupSeconds: number("FRONT_STARTUP_SECONDS", 60, 1, 3_600),
    waitScale: number("FRONT_WAIT_SCALE", 0.01, 0, 1),
  };
  if (settings.accountId && !/^\d{12}$/.test(settings.accountId))
    faults.push(`AWS_ACCOUNT_ID must be 12 digits, got "${settings.accountId}"`);
  if (faults.length) throw new Error(`The SageMaker front cannot start: ${faults.join("; ")}.`);
  return settings;
}
