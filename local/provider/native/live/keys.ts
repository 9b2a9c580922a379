/** Live state of keys and their aliases. */
import { document, optional, type Reader, tagList } from "./reader.ts";

const key: Reader = {
  covers: ["Description", "Enabled", "EnableKeyRotation", "KeyPolicy", "Tags"],
  async read(client, [id = ""]) {
    const api = (action: string) => client.json("kms", `TrentService.${action}`, { KeyId: id });
    const found = (await api("DescribeKey")).KeyMetadata as Record<string, unknown>;
    // To CloudFormation a key that waits for its deletion is gone.
    if (found.KeyState === "PendingDeletion") return undefined;
    const [policy, rotation, tags] = await Promise.all([
      api("GetKeyPolicy"),
      optional(api("GetKeyRotationStatus")),
      optional(api("ListResourceTags")),
    ]);
    return {
      KeyId: found.KeyId,
      Arn: found.Arn,
      Description: found.Description || undefined,
      Enabled: found.Enabled,
      EnableKeyRotation: rotation?.KeyRotationEnabled,
      KeySpec: found.KeySpec,
      KeyUsage: found.KeyUsage,
      MultiRegion: found.MultiRegion,
      KeyPolicy: document(policy.Policy),
      Tags: tagList(tags?.Tags),
    };
  },
};

const alias: Reader = {
  covers: ["TargetKeyId"],
  async read(client, [name = ""]) {
    const { Aliases } = await client.json("kms", "TrentService.ListAliases", {});
    const found = (Aliases as Record<string, string>[]).find(({ AliasName }) => AliasName === name);
    return found && { AliasName: name, TargetKeyId: found.TargetKeyId };
  },
};

export const keys: Readonly<Record<string, Reader>> = { "AWS::KMS::Key": key, "AWS::KMS::Alias": alias };
