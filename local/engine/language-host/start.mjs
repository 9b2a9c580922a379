/** Starts the language host with its compiled form kept between runs: the engine starts it twice for each command. */
import { enableCompileCache } from "node:module";

enableCompileCache();
await import("./main.ts");
