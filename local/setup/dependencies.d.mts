import type { Steps } from "./steps.mjs";
export declare function packagedNode(root?: string): string;
export declare function packagesReady(root?: string): boolean;
export declare function installedByHand(root: string): boolean;
export declare function npmErrors(output: string): string;
export declare function ensurePackages(steps: Steps, root?: string): Promise<void>;
export declare function runEnvironment(root?: string): NodeJS.ProcessEnv;
