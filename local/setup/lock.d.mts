export declare function startOf(pid: number): string | undefined;
export declare function withLock<T>(
  folder: string,
  onWait: ((pid: number | undefined) => void) | undefined,
  work: (child: (pid: number) => void) => Promise<T>,
): Promise<T>;
