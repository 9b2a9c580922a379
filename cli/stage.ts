/** Finds a stage's resources by its SSM parameters, so that AWS credentials are all that a person needs. */
import { GetParametersByPathCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { parameterNames, parameterPath, type StageParameter } from "../contracts/parameters.ts";

export type StageResources = { readonly [name in StageParameter]?: string } & { readonly stage: string };

/** Reads all parameters of a stage. Throws when the stage has none, naming the path that was looked under. */
export async function loadStage(ssm: SSMClient, stage: string): Promise<StageResources> {
  const path = parameterPath(stage);
  const byName = new Map<string, string>();
  let token: string | undefined;
  do {
    const page = await ssm.send(new GetParametersByPathCommand({ Path: path, Recursive: true, NextToken: token }));
    for (const parameter of page.Parameters ?? []) {
      if (parameter.Name && parameter.Value !== undefined) byName.set(parameter.Name, parameter.Value);
    }
    token = page.NextToken;
  } while (token);
  if (byName.size === 0) {
    const region = await ssm.config.region();
    throw new UserError(
      `stage "${stage}" has no parameters under ${path} in ${region}. Deploy it with \`pulumi up --stack ${stage}\`, or name another stage or region (--stage, AWS_REGION).`,
    );
  }
  const found: { [name in StageParameter]?: string } = {};
  for (const key of Object.keys(parameterNames) as StageParameter[]) {
    const value = byName.get(`${path}/${parameterNames[key]}`);
    if (value !== undefined) found[key] = value;
  }
  return { ...found, stage };
}

/** The named resources; throws with all that the stage lacks. */
export function need<K extends StageParameter>(resources: StageResources, ...names: K[]): { [name in K]: string } {
  const missing = names.filter((name) => resources[name] === undefined);
  if (missing.length > 0) {
    const paths = missing.map((name) => `${parameterPath(resources.stage)}/${parameterNames[name]}`);
    throw new UserError(
      `stage "${resources.stage}" does not have ${paths.join(", ")}; its deployment flow may not build it`,
    );
  }
  return Object.fromEntries(names.map((name) => [name, resources[name]])) as { [name in K]: string };
}

/** A fault of the input or the estate, told in one message; the command prints it without a stack trace. */
export class UserError extends Error {
  override name = "UserError";
}
