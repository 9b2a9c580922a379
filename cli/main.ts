/** The `frugal` command: what a data scientist, an approver or an auditor runs against a stage. One file a command in commands/. */
import { Command } from "commander";
import { registerDataset } from "./commands/dataset.ts";
import { registerLineage } from "./commands/lineage.ts";
import { registerSubmit } from "./commands/submit.ts";
import { registerTrace } from "./commands/trace.ts";
import { registerTrain } from "./commands/train.ts";
import { makeContext } from "./context.ts";
import { UserError } from "./stage.ts";

const context = makeContext();
const program = new Command("frugal")
  .description("Frugal MLOps: from data to a monitored model. Finds a stage's resources by its SSM parameters.")
  .addHelpText("after", "\nExit codes: 0 done, 1 a fault of the input or the estate, 2 wrong usage.")
  .showHelpAfterError("(see --help)")
  // Before the commands, which take this setting over: wrong usage is exit code 2.
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

registerDataset(program, context);
registerTrain(program, context);
registerSubmit(program, context);
registerTrace(program, context);
registerLineage(program, context);

// By way of the process's end, so that temporary files are removed; 130 is what a shell says of Ctrl-C.
process.once("SIGINT", () => process.exit(130));

try {
  await program.parseAsync();
} catch (error) {
  const cause = error as Error;
  console.error(cause instanceof UserError ? `frugal: ${cause.message}` : `frugal: ${cause.name}: ${cause.message}`);
  process.exitCode = 1;
}
