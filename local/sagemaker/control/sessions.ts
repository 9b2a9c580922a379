/** Sessions of execution roles, and what SageMaker checks with them before it accepts a request. */

import type { Credentials } from "../run/types.ts";
import { validation } from "../server/errors.ts";
import type { Front } from "../server/front.ts";

/** A session of the role; throws AWS's refusal when the role is missing or does not let SageMaker in. */
export async function assumeRole(
  front: Front,
  roleArn: string,
  session: string,
  sourceArn: string,
): Promise<Credentials> {
  const credentials = await front.rehearsal.assume(roleArn, session, sourceArn);
  if (!credentials)
    throw validation(
      `Could not assume role ${roleArn}. Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' to assume the role.`,
    );
  return credentials;
}

/** Refuses a model whose data the role cannot read, in CreateModel's words. */
export async function checkModelData(
  front: Front,
  roleArn: string,
  uris: readonly string[],
  session: string,
  sourceArn: string,
): Promise<void> {
  const credentials = await front.rehearsal.assume(roleArn, session, sourceArn);
  for (const uri of uris) {
    if (credentials && (await front.objectExists(uri, credentials))) continue;
    throw validation(
      `Could not access model data at ${uri}. Please ensure that the role "${roleArn}" exists and that its trust relationship policy allows ` +
        'the action "sts:AssumeRole" for the service principal "sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" ' +
        `permissions and that the object is located in ${front.settings.region}. If your Model uses multiple models or uncompressed models, ` +
        'please ensure that the role has "s3:ListBucket" permission.',
    );
  }
}
