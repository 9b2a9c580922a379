/** Model package groups. */
import { conflict, validation } from "../../server/errors.ts";
import type { Front, Json } from "../../server/front.ts";
import { recordGroup } from "../lineage/automatic.ts";
import { operationsOf, type Resource } from "../resource.ts";
import type { Entry } from "../store.ts";

export const GROUP: Resource = {
  noun: "ModelPackageGroup",
  kind: "model-package-group",
  nameMember: "ModelPackageGroupName",
  arnMember: "ModelPackageGroupArn",
  missing: (arn) => validation(`ModelPackageGroup ${arn} does not exist.`),
  exists: (arn) => validation(`Model Package Group already exists: ${arn}`),
  beforeCreate: (): Json => ({ ModelPackageGroupStatus: "Completed", LastVersion: 0 }),
  afterCreate: recordGroup,
  // AWS declares ConflictException for this; the words are ours.
  beforeDelete: (front, entry) => {
    const versions = versionsOf(front, entry.name).length;
    if (versions > 0)
      throw conflict(
        `Model Package Group ${entry.arn} cannot be deleted because it contains ${versions} model package version(s).`,
      );
  },
};

/** All versions of a group, oldest first. */
export const versionsOf = (front: Pick<Front, "store">, group: string): Entry[] =>
  front.store.all("model-package").filter((entry) => entry.fields.ModelPackageGroupName === group);

export const groupOperations = operationsOf(GROUP);
