/** Gate: judges a candidate against the stage's demands and against the champion. */
import * as z from "zod";
import { FlowError } from "../../contracts/errors.ts";
import { type Evaluation, GateRules, type GateVerdict } from "../../contracts/evaluation.ts";
import { parseS3Uri, submissionsPrefix, verdictKey } from "../../contracts/paths.ts";
import { GateInput } from "../../contracts/tasks.ts";
import { bucketName, json } from "../shared/environment-types.ts";
import { type Handler, handling } from "../shared/handler.ts";
import type { Log } from "../shared/log.ts";
import { parseInput } from "../shared/parse.ts";
import { type Champion, type ChampionFacts, influenceDigest, readChampion } from "./champion.ts";
import { decideGate } from "./decide.ts";
import { correlationOf } from "./paired.ts";
import type { Ports } from "./ports.ts";
import { mergeRules } from "./rules.ts";

export const Environment = z.object({ GATE: json(GateRules), ARTIFACT_BUCKET: bucketName });

/** An evaluation is a few kilobytes, the influences of a million rows about 5.4 MB; a longer file is not read. */
const longestFile = 8_000_000;

/** A file, or in words why there is none to be read. */
type Found = ChampionFacts["evaluation"];

export function makeHandler(ports: Ports, environment: z.infer<typeof Environment>, log: Log): Handler<GateVerdict> {
  return handling(log, async (event) => {
    const { evaluation, modelPackageGroupName, gate } = parseInput(GateInput, event, "The input of Gate");
    const rules = mergeRules(environment.GATE, gate);
    const found = await ports.champion(modelPackageGroupName);
    if (!found) return decided(decideGate(rules, evaluation), evaluation);
    const { modelPackageArn, metadata } = found;
    const file: Found = found.evaluation
      ? await read(found.evaluation.uri, "evaluation.json", found.evaluation.digest)
      : { missing: "is not named in its package" };
    const champion = readChampion({ modelPackageArn, metadata, evaluation: file }, evaluation, rules);
    const correlation = await correlate(rules, evaluation, champion, found.evaluation?.uri);
    return decided(decideGate(rules, evaluation, champion, correlation), evaluation);
  });

  /** Kept beside the evaluation: a package's metadata has room for the first reasons only. */
  async function decided(verdict: GateVerdict, { evaluationUri }: Evaluation): Promise<GateVerdict> {
    const key = verdictKey(parseS3Uri(evaluationUri).key);
    const recordDigest = await ports.putJson(environment.ARTIFACT_BUCKET, key, `${JSON.stringify(verdict, null, 2)}\n`);
    log.info("gate decided", { ...verdict, recordDigest });
    return { ...verdict, recordDigest };
  }

  /** How much of their errors the two share, where both were measured on the same rows and both files of it are there. */
  async function correlate(rules: GateRules, evaluation: Evaluation, champion: Champion, championUri = "") {
    const sameRows = champion.testDatasetVersion === evaluation.testDatasetVersion;
    if (!champion.influenceDigest || !sameRows) return undefined;
    const own = await read(evaluation.evaluationUri, "evaluation.json", evaluation.evaluationDigest);
    const ownDigest = "text" in own ? influenceDigest(own.text) : undefined;
    if (!ownDigest) return undefined;
    const files = await Promise.all([
      read(evaluation.evaluationUri, "influence.json", ownDigest),
      read(championUri, "influence.json", champion.influenceDigest),
    ]);
    const texts = files.flatMap((file) => ("text" in file ? [file.text] : []));
    return texts.length === 2 ? correlationOf([texts[0] ?? "", texts[1] ?? ""], rules.metric) : undefined;
  }

  /** An evaluation, or a file beside it. What cannot be had or trusted is said, and stops nothing. */
  async function read(evaluationUri: string, name: string, wanted: string | undefined): Promise<Found> {
    let where: { bucket: string; key: string };
    try {
      where = parseS3Uri(evaluationUri);
    } catch {
      return { missing: "is named by what is no S3 URI" };
    }
    const { bucket, key } = where;
    const folder = /^(.*\/)evaluation\.json$/.exec(key)?.[1];
    if (bucket !== environment.ARTIFACT_BUCKET || !folder?.startsWith(submissionsPrefix)) {
      return { missing: "is kept where the gate does not read" };
    }
    try {
      const file = await ports.text(bucket, folder + name, longestFile);
      if (!file) return { missing: "is gone" };
      return file.digest === wanted ? { text: file.text } : { missing: "is not the one that it was registered with" };
    } catch (error) {
      if (error instanceof FlowError) return { missing: "is too long to be one" };
      throw error;
    }
  }
}
