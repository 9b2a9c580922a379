/** The one reader of a function's environment variables. */
import type * as z from "zod";

/**
 * Reads and checks environment variables; every missing or malformed one is named in a single message. Values that are
 * secret do not belong here, so a malformed value is not printed either.
 *
 * @param schema an object schema whose keys are the variables' names
 * @throws Error that names each faulty variable
 */
export function readEnvironment<T extends z.ZodObject>(
  schema: T,
  source: Readonly<Record<string, string | undefined>> = process.env,
): z.infer<T> {
  const names = Object.keys(schema.shape);
  const values = Object.fromEntries(names.map((name) => [name, source[name] === "" ? undefined : source[name]]));
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  const faults = new Map<string, string[]>();
  for (const issue of result.error.issues) {
    const [name, ...rest] = issue.path.map(String);
    if (!name) continue;
    const said = values[name] === undefined ? "is missing" : `${rest.join(".")} ${issue.message}`.trim();
    faults.set(name, [...new Set([...(faults.get(name) ?? []), said])]);
  }
  const list = [...faults].map(([name, said]) => `${name}: ${said.join(", ")}`).join("; ");
  throw new Error(
    `The function's environment is not usable: ${list}. Each variable is set where the component creates the function.`,
  );
}
