export interface Python {
  name: string;
  python: string;
  version: number[];
  lacks: string[];
}
export interface FoundPython {
  python: Python | undefined;
  asked: Python[];
  names: string[];
}
export declare function onPath(name: string, path?: string): boolean;
export declare function findPython(names?: string[]): FoundPython;
export declare function pythonFault(found: FoundPython): string | undefined;
export declare function nodeFault(version?: string): string | undefined;
export declare function platformFault(platform?: string): string | undefined;
export declare function writingFaults(root?: string, temporary?: string): string[];
export declare function spaceFault(root?: string, free?: number): string | undefined;
export declare function whyNoDownload(): Promise<string | undefined>;
export declare function howToEngine(version: string): string;
export declare function findFaults(needs: {
  packages: boolean;
  tools: boolean;
}): Promise<{ faults: string[]; onlyEngine: boolean }>;
export declare function faultsMessage(faults: readonly string[]): string;
