/** Declares resources by their tokens, so that no provider SDK has to be loaded and what is measured is the engine and the pack. */
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";

interface Declared {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

const file = process.env.BENCH_ESTATE;
if (!file) throw new Error("BENCH_ESTATE names no file");
/** The library's own class is abstract. */
class Declaration extends pulumi.CustomResource {}

for (const { type, name, inputs } of JSON.parse(readFileSync(file, "utf8")) as Declared[])
  new Declaration(type, name, inputs);
