/** Live state of roles and managed policies. */
import type { Client } from "../../emulator/client.ts";
import { at, listAt, textAt, type Xml } from "../../emulator/xml.ts";
import { among, document, plain, type Reader, tagList } from "./reader.ts";

function iamApi(client: Client, action: string, params: Record<string, string>): Promise<Xml> {
  return client.query("iam", action, "2010-05-08", params);
}

/** IAM returns documents URL encoded. */
function decoded(text: string | undefined): unknown {
  return text === undefined ? undefined : document(text.startsWith("%") ? decodeURIComponent(text) : text);
}

async function inlinePolicies(
  client: Client,
  role: string,
): Promise<{ PolicyName: string; PolicyDocument: unknown }[]> {
  const names = listAt(await iamApi(client, "ListRolePolicies", { RoleName: role }), "PolicyNames", "member");
  return Promise.all(
    names.map(async (name) => {
      const policy = await iamApi(client, "GetRolePolicy", { RoleName: role, PolicyName: String(name) });
      return { PolicyName: String(name), PolicyDocument: decoded(textAt(policy, "PolicyDocument")) };
    }),
  );
}

/** In the order of the recorded ones, so that an unchanged set compares equal. Those another resource put there are its own. */
function inRecordedOrder(live: { PolicyName: string }[], recorded: unknown): unknown {
  if (!Array.isArray(recorded)) return live.length > 0 ? live : undefined;
  const names = recorded.map((policy) => policy.PolicyName as string);
  return live
    .filter(({ PolicyName }) => names.includes(PolicyName))
    .sort((a, b) => names.indexOf(a.PolicyName) - names.indexOf(b.PolicyName));
}

const role: Reader = {
  covers: [
    "AssumeRolePolicyDocument",
    "Policies",
    "ManagedPolicyArns",
    "Description",
    "MaxSessionDuration",
    "PermissionsBoundary",
    "Tags",
  ],
  async read(client, [name = ""], recorded) {
    const found = at(await iamApi(client, "GetRole", { RoleName: name }), "Role");
    const [attached, policies] = await Promise.all([
      iamApi(client, "ListAttachedRolePolicies", { RoleName: name }),
      inlinePolicies(client, name),
    ]);
    const arns = listAt(attached, "AttachedPolicies", "member").flatMap((policy) => textAt(policy, "PolicyArn") ?? []);
    return {
      RoleName: name,
      Arn: textAt(found, "Arn"),
      RoleId: textAt(found, "RoleId"),
      Path: textAt(found, "Path"),
      Description: textAt(found, "Description"),
      MaxSessionDuration: textAt(found, "MaxSessionDuration"),
      PermissionsBoundary: textAt(found, "PermissionsBoundary", "PermissionsBoundaryArn"),
      AssumeRolePolicyDocument: decoded(textAt(found, "AssumeRolePolicyDocument")),
      ManagedPolicyArns: arns.length > 0 ? among(arns, recorded.ManagedPolicyArns) : undefined,
      Policies: inRecordedOrder(policies, recorded.Policies),
      Tags: tagList(listAt(found, "Tags", "member").map(plain)),
    };
  },
};

const managedPolicy: Reader = {
  covers: ["PolicyDocument", "Description", "Roles"],
  async read(client, [arn = ""], recorded) {
    const found = at(await iamApi(client, "GetPolicy", { PolicyArn: arn }), "Policy");
    const version = textAt(found, "DefaultVersionId") ?? "v1";
    const [document, entities] = await Promise.all([
      iamApi(client, "GetPolicyVersion", { PolicyArn: arn, VersionId: version }),
      iamApi(client, "ListEntitiesForPolicy", { PolicyArn: arn }),
    ]);
    const roles = listAt(entities, "PolicyRoles", "member").flatMap((item) => textAt(item, "RoleName") ?? []);
    return {
      PolicyArn: arn,
      PolicyId: textAt(found, "PolicyId"),
      ManagedPolicyName: textAt(found, "PolicyName"),
      Path: textAt(found, "Path"),
      Description: textAt(found, "Description"),
      CreateDate: textAt(found, "CreateDate"),
      IsAttachable: textAt(found, "IsAttachable"),
      PolicyDocument: decoded(textAt(document, "PolicyVersion", "Document")),
      Roles: roles.length > 0 ? among(roles, recorded.Roles) : undefined,
    };
  },
};

const rolePolicy: Reader = {
  covers: ["PolicyDocument"],
  async read(client, [name = "", role = ""]) {
    const policy = await iamApi(client, "GetRolePolicy", { RoleName: role, PolicyName: name });
    return { PolicyName: name, RoleName: role, PolicyDocument: decoded(textAt(policy, "PolicyDocument")) };
  },
};

export const iam: Readonly<Record<string, Reader>> = {
  "AWS::IAM::Role": role,
  "AWS::IAM::ManagedPolicy": managedPolicy,
  "AWS::IAM::RolePolicy": rolePolicy,
};
