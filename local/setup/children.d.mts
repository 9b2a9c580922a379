export declare class Interrupted extends Error {
  constructor(signal: string);
  readonly signal: string;
  readonly exitCode: number;
}
export declare class CommandFailed extends Error {
  constructor(what: string, outcome: string, tail: string, log: string | undefined);
  readonly outcome: string;
  readonly tail: string;
}
export declare function signalGroup(group: number, signal: string | number): boolean;
export declare function groupLives(group: number): boolean;
export declare function endGroup(group: number, graceMs?: number): Promise<void>;
export declare function tailOf(text: string, lines?: number): string;
export interface RunOptions {
  what?: string;
  log?: string;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  polite?: boolean;
  watched?: boolean;
  excerpt?(output: string): string;
  limitMs?: number;
  onStart?(pid: number): void;
}
export declare function run(command: string, args: readonly string[], options?: RunOptions): Promise<number>;
