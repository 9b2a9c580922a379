/**
 * The day on which the pack's own dated lists (runtimes, actions without resources, platforms) were last compared with AWS's
 * documentation. Whoever reviews them writes the day here, and raises the version in `package.json`.
 */
export const REVIEWED = "2026-11-23";
