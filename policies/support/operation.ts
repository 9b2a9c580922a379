/**
 * Whether this process judges an update, not a preview. The language host says so to a pack's process (pulumi 3.259.0,
 * RunPlugin); started otherwise a pack does not know, and takes the run for a preview.
 */
export const isUpdate = (): boolean => process.env.PULUMI_NODEJS_DRY_RUN === "false";
