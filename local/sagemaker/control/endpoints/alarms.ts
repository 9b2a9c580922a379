/** Which CloudWatch alarms of the emulated AWS are in ALARM: what an auto-rollback looks at. */
import { messageOf } from "../../server/errors.ts";
import type { Front } from "../../server/front.ts";

/** Names among the given ones that are in ALARM; an alarm that cannot be read does not roll back, but is logged. */
export async function ringing(front: Front, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const body = new URLSearchParams({ Action: "DescribeAlarms", Version: "2010-08-01", StateValue: "ALARM" });
  for (const [index, name] of names.entries()) body.set(`AlarmNames.member.${index + 1}`, name);
  const { region, ministackUrl } = front.settings;
  try {
    const response = await fetch(`${ministackUrl}/`, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/monitoring/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body,
      signal: AbortSignal.timeout(5_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status} ${text.slice(0, 200)}`);
    return names.filter((name) => text.includes(`<AlarmName>${name}</AlarmName>`));
  } catch (fault) {
    front.log(`alarms ${names.join(", ")} could not be read: ${messageOf(fault)}`);
    return [];
  }
}
