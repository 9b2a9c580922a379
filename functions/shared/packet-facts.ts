/** What an approver is told, as plain rows: the mail and the page show the same. No I/O. */
import { parseModelPackageArn } from "../../contracts/lineage.ts";
import type { ApprovalPacket } from "../../contracts/submission.ts";

export interface Fact {
  label: string;
  value: string;
}

/** One line that says what is to be decided. */
export function headline(packet: ApprovalPacket): string {
  const { group, version } = parseModelPackageArn(packet.modelPackageArn);
  return `${group} version ${version}`;
}

/** Candidate against champion, in words. */
export function comparison(packet: ApprovalPacket): string {
  const { verdict } = packet;
  const candidate = `${verdict.metric} ${figure(verdict.candidate)}`;
  if (!verdict.champion) return `${candidate}; there is no champion yet, the stage asks for ${figure(verdict.minimum)}`;
  const margin = verdict.margin ?? verdict.candidate - verdict.champion.value;
  return `${candidate}, champion ${figure(verdict.champion.value)}, margin ${signed(margin)}`;
}

/** The evidence, most important first. */
export function facts(packet: ApprovalPacket, expiresAt: number): Fact[] {
  const { verdict, evaluation, lineage } = packet;
  return [
    { label: "Model package", value: packet.modelPackageArn },
    { label: "Champion", value: verdict.champion?.modelPackageArn ?? "none yet" },
    { label: "Test rows", value: String(evaluation.sampleSize) },
    { label: "Dataset version", value: packet.datasetVersion },
    { label: "Run", value: lineage.run },
    { label: "Training job", value: lineage.trainingJob },
    { label: "Artefact digest", value: lineage.artifactDigest },
    { label: "Evaluation", value: evaluation.evaluationUri },
    { label: "Submitted by", value: packet.submittedBy },
    { label: "Stage", value: packet.stage },
    { label: "Decide before", value: moment(expiresAt) },
  ];
}

/** All figures of the test. */
export function figures(packet: ApprovalPacket): Fact[] {
  return Object.entries(packet.evaluation.metrics).map(([label, value]) => ({ label, value: figure(value) }));
}

/** Four digits after the point: more than a sample of thousands of rows can tell. */
export function figure(value: number): string {
  return value.toFixed(4);
}

/** A difference with its sign; a difference that rounds to nothing has none. */
export function signed(value: number): string {
  const text = figure(Math.abs(value));
  if (Number(text) === 0) return `±${text}`;
  return value > 0 ? `+${text}` : `−${text}`;
}

/** Seconds since the epoch as a time in UTC. */
export function moment(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
