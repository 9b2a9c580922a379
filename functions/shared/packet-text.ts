/** The packet as plain text, for mails and the topic's message. No link of an approver is in it. No I/O. */
import type { ApprovalPacket } from "../../contracts/submission.ts";
import { servingCost } from "./packet-cost.ts";
import {
  type Asked,
  chain,
  containers,
  evidence,
  type Fact,
  figureColumns,
  figures,
  meaning,
  type Row,
  request,
  scores,
  sliceColumns,
  slices,
} from "./packet-facts.ts";

export function packetText(packet: ApprovalPacket, asked: Asked): string {
  const { cautions } = packet.verdict;
  return [
    ...meaning(packet).map(plain),
    "",
    ...lines(scores(packet)),
    ...(cautions.length > 0 ? ["", "BEWARE", ...cautions.map((caution) => `- ${plain(caution)}`)] : []),
    "",
    "REQUEST",
    ...lines(request(packet, asked)),
    "",
    "PARTS OF THE TEST ROWS",
    ...(packet.verdict.slices.length > 0 ? rows(sliceColumns, slices(packet)) : ["none are configured"]),
    "",
    "DATA AND EVIDENCE",
    ...lines(evidence(packet, asked)),
    "",
    "WHERE IT COMES FROM",
    ...chain(packet).map(plain),
    "",
    "WHAT WOULD BE SERVED",
    ...containers(packet).flatMap(({ name, facts }) => [
      ...(packet.containers.length > 1 ? [name] : []),
      ...lines(facts),
    ]),
    "",
    "COST OF SERVING",
    ...lines(servingCost(packet.serving)),
    "",
    "FIGURES OF THE BATCH TEST",
    ...rows(figureColumns, figures(packet)),
  ].join("\n");
}

function lines(facts: readonly Fact[]): string[] {
  return facts.map(({ label, value, link }) => {
    const line = `${`${label}:`.padEnd(24)}${plain(value)}`;
    return link === undefined ? line : `${line}\n${" ".repeat(24)}${link}`;
  });
}

function rows(columns: readonly string[], list: readonly Row[]): string[] {
  const all = [columns, ...list.map(({ cells }) => cells.map(plain))];
  const widths = columns.map((_, at) => Math.max(...all.map((cells) => (cells[at] ?? "").length)));
  return all.map((cells) =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** One line, whatever it was: nothing in a value may look like another row. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
}
