/** What an approver is told, as plain rows: the mail, the topic's message and the page show the same. No I/O. */
import { manifestKey } from "../../contracts/dataset.ts";
import { directionOf, type Interval, type MetricName } from "../../contracts/evaluation.ts";
import { modelPackageArnPattern, parseModelPackageArn } from "../../contracts/lineage.ts";
import { s3Uri } from "../../contracts/paths.ts";
import type { ApprovalPacket } from "../../contracts/submission.ts";
import { s3ObjectLink } from "./console-links.ts";
import { count, figure, moment, percent, signed } from "./numbers.ts";

export interface Fact {
  label: string;
  value: string;
  /** Where more can be read. */
  link?: string;
}

/** What is asked, besides the packet itself. */
export interface Asked {
  /** Bucket of the stage's dataset versions. */
  dataBucket: string;
  /** Seconds since the epoch. */
  expiresAt: number;
  /** How many must approve. */
  required: number;
  /** How many are asked. */
  asked: number;
}

/** One line that says what is to be decided. */
export function headline(packet: ApprovalPacket): string {
  const { group, version } = parseModelPackageArn(packet.modelPackageArn);
  return `${group} version ${version}`;
}

/** Candidate against champion in one line, short enough for a subject. */
export function comparison(packet: ApprovalPacket): string {
  const { verdict } = packet;
  const candidate = `${verdict.metric} ${figure(verdict.candidate)}`;
  if (!verdict.champion) return `${candidate}, no champion yet`;
  const margin = verdict.margin === undefined ? "" : `, margin ${signed(verdict.margin)}`;
  return `${candidate}, champion ${figure(verdict.champion.value)}${margin}`;
}

/** What the comparison means, in sentences. */
export function meaning(packet: ApprovalPacket): string[] {
  const { verdict, evaluation } = packet;
  const { champion, margin, marginInterval, paired } = verdict;
  const lower = verdict.direction === "lower";
  const sentences = [
    `${lower ? "Lower" : "Higher"} ${verdict.metric} is better; the gate asks for ${lower ? "at most" : "at least"} ${figure(verdict.bound)}.`,
  ];
  if (!champion) return [...sentences, "There is no approved version yet to compare with."];
  if (margin === undefined) return [...sentences, "It cannot be compared with the champion."];
  const rounded = Number(figure(Math.abs(margin))) === 0;
  const words = rounded
    ? "as good as the champion"
    : `${figure(Math.abs(margin))} ${margin > 0 ? "better" : "worse"} than the champion`;
  sentences.push(`The candidate measures ${words}.`);
  if (!marginInterval) return sentences;
  const { low, high } = marginInterval;
  if ([low, high].every((bound) => Number(figure(bound)) === 0)) {
    return [...sentences, `${paired ? "Row by row the" : "The"} two do not differ.`];
  }
  const sure =
    low > 0
      ? "so it is better beyond chance"
      : high < 0
        ? "so it is worse beyond chance"
        : "which includes no difference, so it may be chance";
  sentences.push(
    `${paired ? "Compared row by row, with" : "With"} ${percent(evaluation.confidence)} confidence the difference lies between ${signed(low)} and ${signed(high)} (plus is better), ${sure}.`,
  );
  return sentences;
}

/** The four figures that decide. */
export function scores(packet: ApprovalPacket): Fact[] {
  const { verdict, evaluation } = packet;
  const interval = evaluation.intervals[verdict.metric];
  return [
    {
      label: `Candidate, ${verdict.metric}`,
      value: `${figure(verdict.candidate)}${interval ? ` (${range(interval)})` : ""}`,
    },
    { label: "Champion", value: verdict.champion ? figure(verdict.champion.value) : "none yet" },
    {
      label: "Margin, plus is better",
      value:
        verdict.margin === undefined
          ? "none"
          : `${signed(verdict.margin)}${verdict.marginInterval ? ` (${signed(verdict.marginInterval.low)} to ${signed(verdict.marginInterval.high)})` : ""}`,
    },
    { label: "Test rows", value: count(evaluation.sampleSize) },
  ];
}

/** Who asks for what, and until when. */
export function request(packet: ApprovalPacket, asked: Asked): Fact[] {
  return [
    { label: "Submitted by", value: packet.submittedBy },
    { label: "Why", value: packet.note.trim() === "" ? "no reason was given" : packet.note },
    { label: "Stage", value: packet.stage },
    { label: "Submission", value: packet.submissionId },
    { label: "Model package", value: packet.modelPackageArn },
    { label: "Approvals needed", value: `${asked.required}, of ${asked.asked} asked; one rejection decides` },
    { label: "Decide before", value: moment(asked.expiresAt) },
  ];
}

/** Data, evaluation and champion, with links. */
export function evidence(packet: ApprovalPacket, { dataBucket }: Pick<Asked, "dataBucket">): Fact[] {
  const { verdict, evaluation } = packet;
  const scope = scopeOf(packet);
  const manifest = (version: string) => ({
    value: version,
    link: s3ObjectLink(s3Uri(dataBucket, manifestKey(version)), scope),
  });
  const { champion } = verdict;
  return [
    { label: "Trained on", ...manifest(packet.datasetVersion) },
    { label: "Tested on", ...manifest(packet.testDatasetVersion) },
    { label: "Champion", value: champion ? champion.modelPackageArn : "none yet" },
    ...(champion
      ? [{ label: "Champion tested on", value: championTest(champion.testDatasetVersion, champion.sampleSize) }]
      : []),
    { label: "Evaluation", value: evaluation.evaluationUri, link: s3ObjectLink(evaluation.evaluationUri, scope) },
    { label: "Evaluation digest", value: evaluation.evaluationDigest },
  ];
}

function championTest(version: string | undefined, rows: number | undefined): string {
  return `${version ?? "a dataset version that is not on record"}${rows === undefined ? "" : `, ${count(rows)} rows`}`;
}

/** The chain from the data to the question, one link a sentence. */
export function chain(packet: ApprovalPacket): string[] {
  const { lineage, containers, evaluation } = packet;
  const artifacts =
    containers.length === 1
      ? `the artefact ${short(lineage.artifactDigest)}`
      : `${containers.length} artefacts of a pipeline`;
  return [
    `Dataset version ${shortVersion(packet.datasetVersion)} went into`,
    `training job ${lineage.trainingJob} of run ${lineage.run}, which made`,
    `${artifacts}, which was tested on`,
    `dataset version ${shortVersion(packet.testDatasetVersion)} (${count(evaluation.sampleSize)} rows) and registered as`,
    `${headline(packet)}, which waits for your decision.`,
  ];
}

/** What would be served: image and artefact of each container, in the order in which they answer. */
export function containers(packet: ApprovalPacket): { name: string; facts: Fact[] }[] {
  const scope = scopeOf(packet);
  const several = packet.containers.length > 1;
  return packet.containers.map(({ image, artifactUri, artifactDigest }, index) => ({
    name: several ? `Container ${index + 1} of ${packet.containers.length}` : "Container",
    facts: [
      { label: "Artefact digest", value: artifactDigest },
      { label: "Artefact", value: artifactUri, link: s3ObjectLink(artifactUri, scope) },
      { label: "Image", value: image },
    ],
  }));
}

export interface Row {
  /** The first cell names the row. */
  cells: string[];
  failed?: boolean;
}

export const figureColumns = ["Metric", "Value", "Interval", "Better is"] as const;

/** All figures of the test. */
export function figures(packet: ApprovalPacket): Row[] {
  const { metrics, intervals } = packet.evaluation;
  return (Object.entries(metrics) as [MetricName, number][]).map(([name, value]) => {
    const interval = intervals[name];
    return { cells: [name, figure(value), interval ? range(interval) : "not known", directionOf(name)] };
  });
}

export const sliceColumns = ["Part of the test rows", "Rows", "Candidate", "Champion", "Gain", "Verdict"] as const;
const verdictOrder = ["failed", "passed", "too few rows", "not defined", "no champion"];

/** The parts of the test rows, failed ones first, then the worst. */
export function slices(packet: ApprovalPacket): Row[] {
  const rank = (verdict: string) => verdictOrder.indexOf(verdict);
  return [...packet.verdict.slices]
    .sort((a, b) => rank(a.verdict) - rank(b.verdict) || (a.gain ?? 0) - (b.gain ?? 0))
    .map((slice) => ({
      cells: [
        `${slice.column}: ${slice.value}`,
        count(slice.sampleSize),
        slice.candidate === undefined ? "–" : figure(slice.candidate),
        slice.champion === undefined ? "–" : figure(slice.champion),
        slice.gain === undefined ? "–" : signed(slice.gain),
        slice.verdict,
      ],
      failed: slice.verdict === "failed",
    }));
}

export function range({ low, high }: Pick<Interval, "low" | "high">): string {
  return `${figure(low)} to ${figure(high)}`;
}

function scopeOf({ modelPackageArn }: ApprovalPacket): { region: string; partition: string } {
  const found = modelPackageArnPattern.exec(modelPackageArn)?.groups;
  return { region: found?.region ?? "", partition: found?.partition ?? "aws" };
}

const short = (digest: string): string => digest.slice(0, "sha256:".length + 12);
const shortVersion = (version: string): string =>
  version.slice(0, version.indexOf("@sha256:") + "@sha256:".length + 12);
