/** Whether this process judges an update, not a preview. */

let update: boolean | undefined;

/** What the engine says when it configures the stack, before anything is judged. */
export function learnOperation(isDryRun: boolean): void {
  update = !isDryRun;
}

/**
 * An engine that says nothing (none since ConfigureStack exists) may have its language host say so to the process; one of
 * which nobody says anything is a preview.
 */
export const isUpdate = (): boolean => update ?? process.env.PULUMI_NODEJS_DRY_RUN === "false";
