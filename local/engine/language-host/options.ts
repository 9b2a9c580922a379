/** What `runtime.options` in Pulumi.yaml or PulumiPolicy.yaml may say to the language host. */

/** A program or a pack, as the engine names it: folders, entry point and `runtime.options`. */
export interface ProgramInfo {
  readonly rootDirectory: string;
  readonly programDirectory: string;
  readonly entryPoint: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** The accessors of the engine's own message. */
interface ProgramInfoMessage {
  getRootDirectory(): string;
  getProgramDirectory(): string;
  getEntryPoint(): string;
  getOptions(): { toJavaScript(): object } | undefined;
}

export function programInfo(message: ProgramInfoMessage | undefined): ProgramInfo {
  if (!message) throw new Error("the engine sent no program information; is it older than the one of package.json?");
  return {
    rootDirectory: message.getRootDirectory(),
    programDirectory: message.getProgramDirectory(),
    entryPoint: message.getEntryPoint(),
    options: (message.getOptions()?.toJavaScript() ?? {}) as Record<string, unknown>,
  };
}

/** Options that have no bearing on running: the official host reads them when it installs packages. */
const forInstalling = new Set(["packagemanager", "production"]);

/**
 * Refuses what this host cannot do rather than run a program differently from the official host.
 * @throws with all faults, and what to write instead
 */
export function checkOptions(options: Readonly<Record<string, unknown>>): void {
  const faults = Object.entries(options).flatMap(([name, value]) => {
    if (forInstalling.has(name)) return [];
    if (name === "typescript") return value === false ? [] : [`typescript is ${JSON.stringify(value)}`];
    return [`${name} is set`];
  });
  if (!("typescript" in options)) faults.push("typescript is not set (it is true then)");
  if (faults.length === 0) return;
  throw new Error(
    `This stand-in for pulumi-language-nodejs runs programs with \`runtime.options.typescript: false\` only: ${faults.join("; ")}. ` +
      "Change Pulumi.yaml or PulumiPolicy.yaml, or install the official Pulumi, which brings its own language host.",
  );
}
