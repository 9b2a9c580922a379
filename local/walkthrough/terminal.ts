/** What another terminal needs to work against a rehearsal that is up: settings, a language host, and what to type. */
import { delimiter, dirname } from "node:path";
import { findLanguageHost, installLanguageHost } from "../engine/language-host/install.ts";
import { onPath } from "../setup/prerequisites.mjs";
import type { Kept } from "./keeper.ts";
import type { Workspace } from "./workspace.ts";

/**
 * The settings, as `.rehearsal/env` has them. Makes sure of a language host: the official one where there is one, else
 * the stand-in of local/engine/language-host.
 *
 * @param searchPath PATH of the person; what npm put before it for its own scripts is left out
 */
export function terminalEnvironment(
  workspace: Workspace,
  engine: { readonly dir: string },
  searchPath = process.env.PATH ?? "",
): Record<string, string> {
  // Node 24 first: the language host, the policy pack and the project's command want it. Then the engine of the pinned version.
  const own = [dirname(process.execPath), engine.dir];
  const folders = searchPath
    .split(delimiter)
    .filter(
      (folder) => folder !== "" && !own.includes(folder) && !/[\\/](node_modules[\\/]\.bin|node-gyp-bin)$/.test(folder),
    );
  const path = [...own, ...folders].join(delimiter);
  if (findLanguageHost(engine.dir, path) === undefined) installLanguageHost(workspace.env.PULUMI_HOME ?? "");
  return {
    ...workspace.env,
    // A token of a person's real session does not go with the test key.
    AWS_SESSION_TOKEN: "",
    // The engine reads any of its options from PULUMI_OPTION_…: this is `--cwd`. The stacks' files there are copies.
    PULUMI_OPTION_CWD: workspace.projectFolder,
    ...(process.env.NODE_COMPILE_CACHE ? { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE } : {}),
    PATH: path,
  };
}

/** What `npm start -- --keep` says at its end. Every command works as printed, from the checkout's folder. */
export function terminalText(
  kept: Pick<Kept, "ministack" | "sagemaker" | "accountId" | "region">,
  env: Readonly<Record<string, string>>,
  where: { readonly env: string; readonly python: string },
): string {
  const pack = (stage: string): string => `--policy-pack policies --policy-pack-config policies/config/${stage}.json`;
  // The AWS CLI is a person's own; boto3 is here in any case.
  const aws = onPath("aws", env.PATH)
    ? "aws s3 ls"
    : `${where.python} -c 'import boto3; print(*boto3.client("s3").list_buckets()["Buckets"], sep="\\n")'`;
  // A profile named in the environment would win over the test key.
  const profile = process.env.AWS_PROFILE === undefined ? "" : "unset AWS_PROFILE; ";
  return `
The estate is up, as account ${kept.accountId} in ${kept.region}.
  AWS (emulated)   ${kept.ministack}
  SageMaker        ${kept.sagemaker}
In another terminal, from this folder:
  ${profile}set -a; . ${where.env}; set +a
  pulumi stack ls
  pulumi preview --stack dev ${pack("dev")}
  pulumi up --stack dev --yes ${pack("dev")}
  pulumi refresh --stack dev --yes
  pulumi stack output --stack prod
  node cli/frugal.mjs trace --stage prod
  ${aws}
The stacks' settings there are copies, in ${env.PULUMI_OPTION_CWD}.
\`npm run stop\` ends it.`;
}
