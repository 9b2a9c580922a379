export interface TestPlan {
  args?: string[];
  needsTools?: boolean;
  fault?: string;
}
export declare function settingsAsArguments(settings: Record<string, unknown>): string[];
export declare function planTests(
  words: readonly string[],
  settings?: Record<string, unknown>,
  exists?: (path: string) => boolean,
): TestPlan;
export declare function summary(counts: { passed: number; failed: number } | undefined, exitCode: number): string;
