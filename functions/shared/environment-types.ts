/** Building blocks of environment schemas. */
import * as z from "zod";

/** A bucket's name (AWS's rule: 3 to 63 of lower-case letters, digits, dots and hyphens). */
export const bucketName = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "must be a bucket's name");

/** "true" or "false"; nothing else, because a mistyped "False" must not mean true. */
export const flag = z.enum(["true", "false"]).transform((text) => text === "true");

/** JSON text of the given shape. */
export function json<T extends z.ZodType>(schema: T) {
  return z.string().transform((text, context): z.output<T> => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      context.addIssue({ code: "custom", message: "must be JSON" });
      return z.NEVER;
    }
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    for (const issue of result.error.issues)
      context.addIssue({ code: "custom", path: [...issue.path], message: issue.message });
    return z.NEVER;
  });
}
