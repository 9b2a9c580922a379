export interface Steps {
  note(line: string): void;
  step<T>(title: string, hint: string, work: () => T | Promise<T>): Promise<T>;
}
export declare function duration(ms: number): string;
export declare function createSteps(options?: {
  terminal?: boolean;
  write?: (text: string) => void;
  every?: number;
}): Steps;
