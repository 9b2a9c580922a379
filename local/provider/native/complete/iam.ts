/** The permissions boundary of roles. */
import type { Step } from "./index.ts";

const boundary: Step = async (client, id, wanted) => {
  const name = { RoleName: id };
  if (wanted === undefined) await client.query("iam", "DeleteRolePermissionsBoundary", "2010-05-08", name);
  else
    await client.query("iam", "PutRolePermissionsBoundary", "2010-05-08", {
      ...name,
      PermissionsBoundary: String(wanted),
    });
};

export const iam: Readonly<Record<string, Readonly<Record<string, Step>>>> = {
  "AWS::IAM::Role": { PermissionsBoundary: boundary },
};
