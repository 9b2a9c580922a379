/** `aws:index/getCallerIdentity:getCallerIdentity`, asked of the emulated STS. */
import { textAt } from "../emulator/xml.ts";
import type { FunctionType } from "./type.ts";

export const getCallerIdentity: FunctionType = async (client) => {
  const answer = await client.query("sts", "GetCallerIdentity", "2011-06-15", {});
  const accountId = textAt(answer, "Account") ?? client.place.accountId;
  return { id: accountId, accountId, arn: textAt(answer, "Arn") ?? "", userId: textAt(answer, "UserId") ?? "" };
};
