/** Configuration of an `aws-native` provider instance, as far as the local provider honours it. */
import type { CheckFailure } from "../server/handlers.ts";
import { isObject, type Props } from "../server/wire.ts";

/** Refuses an account or a region that is not the rehearsal's, as the real provider refuses a foreign account. */
export function checkProviderConfig(
  config: Props,
  world: { readonly accountId: string; readonly region: string },
): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const { allowedAccountIds: allowed, forbiddenAccountIds: forbidden, region } = config;
  const { accountId } = world;
  if (
    Array.isArray(allowed) &&
    allowed.length > 0 &&
    !allowed.some((id) => typeof id === "symbol" || id === accountId)
  ) {
    failures.push({
      property: "allowedAccountIds",
      reason: `AWS account ID not allowed: ${accountId} (allowed: ${allowed.map(String).join(", ")})`,
    });
  }
  if (Array.isArray(forbidden) && forbidden.includes(accountId)) {
    failures.push({ property: "forbiddenAccountIds", reason: `AWS account ID not allowed: ${accountId}` });
  }
  if (typeof region === "string" && region !== world.region) {
    failures.push({
      property: "region",
      reason: `the rehearsal's region is ${world.region}, not ${region}: its emulators hold one region`,
    });
  }
  return failures;
}

/** `defaultTags: { tags: { ... } }` of the provider instance. */
export function defaultTags(config: Props): Record<string, string> {
  const { defaultTags: setting } = config;
  if (!isObject(setting) || !isObject(setting.tags)) return {};
  return Object.fromEntries(
    Object.entries(setting.tags).flatMap(([key, value]) => (typeof value === "string" ? [[key, value]] : [])),
  );
}
