import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/** The emulated account and region; ARNs everywhere in the rehearsal carry them. */
export const ACCOUNT_ID = "111122223333";
export const REGION = "us-east-1";

/** Root's key pair in the emulated account: allowed everything, like the keys of a real root user. */
export const ROOT_KEY = "test";

const PROJECT = join(import.meta.dirname, "..", "..");

export interface Ports {
  readonly ministack: number;
  readonly moto: number;
  readonly sagemaker: number;
}

export const url = (port: number): string => `http://127.0.0.1:${port}`;

/** How any AWS client in any language reaches the emulators: the variables that SDKs, boto3 and the CLI read. */
export function clientEnvironment(ports: Ports): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: url(ports.ministack),
    AWS_ENDPOINT_URL_SAGEMAKER: url(ports.sagemaker),
    AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: url(ports.sagemaker),
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: ROOT_KEY,
    AWS_SECRET_ACCESS_KEY: ROOT_KEY,
    AWS_EC2_METADATA_DISABLED: "true",
  };
}

/**
 * What every emulator process starts from: built from nothing, so that a person's AWS_PROFILE, keys, proxies or ~/.aws
 * can never reach an emulated Lambda or job. The project's own Node comes first on PATH, for MiniStack's Lambda workers.
 *
 * @param home an empty folder that stands in for the home folder
 * @param temporary folder for everything that goes to the temporary folder otherwise
 */
function baseEnvironment(python: string, home: string, temporary: string): Record<string, string> {
  const own = join(PROJECT, "node_modules", ".bin");
  const path = [...(existsSync(own) ? [own] : []), dirname(process.execPath), dirname(python), "/usr/local/bin"];
  return {
    PATH: [...new Set([...path, "/usr/bin", "/bin"])].join(delimiter),
    HOME: home,
    TMPDIR: temporary,
    LANG: "C.UTF-8",
    TZ: "UTC",
    PYTHONUNBUFFERED: "1",
    PYTHONDONTWRITEBYTECODE: "1",
    AWS_EC2_METADATA_DISABLED: "true",
  };
}

export interface EmulatorEnvironments {
  readonly ministack: Record<string, string>;
  readonly moto: Record<string, string>;
  readonly sagemaker: Record<string, string>;
}

/** The environments of the three processes. Folders must exist. */
export function emulatorEnvironments(options: {
  readonly ports: Ports;
  readonly python: string;
  readonly home: string;
  readonly temporary: string;
  readonly frontWorkdir: string;
  /** Factor for waits and retry pauses of state machines; 1 = real time, 0 = none. Timeouts are never scaled. */
  readonly sfnWaitScale: number;
}): EmulatorEnvironments {
  const { ports } = options;
  const base = baseEnvironment(options.python, options.home, options.temporary);
  return {
    moto: { ...base, MOTO_ACCOUNT_ID: ACCOUNT_ID },
    sagemaker: {
      ...base,
      FRONT_PORT: String(ports.sagemaker),
      MINISTACK_URL: url(ports.ministack),
      MOTO_URL: url(ports.moto),
      FRONT_WORKDIR: options.frontWorkdir,
      FRONT_PYTHON: options.python,
      AWS_ACCOUNT_ID: ACCOUNT_ID,
      AWS_REGION: REGION,
    },
    ministack: {
      ...base,
      // Lambda processes inherit this environment: so functions find the SageMaker front. AWS_ENDPOINT_URL and
      // credentials are given to each function by MiniStack itself; here they would make every function root.
      AWS_ENDPOINT_URL_SAGEMAKER: url(ports.sagemaker),
      AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: url(ports.sagemaker),
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      AUTH: "true",
      GATEWAY_PORT: String(ports.ministack),
      BIND_HOST: "127.0.0.1",
      MINISTACK_ACCOUNT_ID: ACCOUNT_ID,
      MINISTACK_REGION: REGION,
      SFN_WAIT_SCALE: String(options.sfnWaitScale),
      LAMBDA_EXECUTOR: "local",
      // Nothing outlives the process, no port beside the gateway's is opened, no Docker is looked for.
      S3_PERSIST: "0",
      PERSIST_STATE: "0",
      SFTP_ENABLED: "0",
      IOT_MTLS_ENABLED: "0",
      DOCKER_HOST: "unix:///nonexistent/docker.sock",
    },
  };
}
