import { stripVTControlCharacters } from "node:util";
import { loadStage, need } from "../../../cli/stage.ts";
import { type Fact, from, prove, type Scene } from "../life.ts";
import { predict, untilServed } from "./serving.ts";

export const prod: Scene = {
  id: "prod",
  title: "stage prod: preview refuses an unapproved package, takes the approved one",
  async play(life): Promise<Fact[]> {
    const unapproved = from(life.found.worse, "gate").modelPackageArn;
    const approved = from(life.found.better, "better").modelPackageArn;
    await life.workspace.pin(unapproved);
    life.say(`Pulumi.prod.yaml pins ${unapproved} (Rejected)`);
    let output = "";
    const refused = await life.workspace
      .preview("prod", (text) => (output += text))
      .then(
        () => undefined,
        (error: Error) => error,
      );
    prove(refused, "preview of stage prod passed with an unapproved model package pinned");
    const said = `${output}\n${refused.message}`;
    const plain = stripVTControlCharacters(said);
    const message = plain.split("\n").find((line) => line.includes("package-approved") && line.includes(unapproved));
    prove(message, `preview failed, but not with the policy's message:\n${plain}`);
    life.say(message.trim());

    await life.workspace.pin(approved);
    life.say(`Pulumi.prod.yaml pins ${approved} (Approved)`);
    await life.workspace.preview("prod");
    const { changes } = await life.workspace.up("prod", life.raw);
    const { endpointName } = need(await loadStage(life.clients.ssm, "prod"), "endpointName");
    await untilServed(life, endpointName, approved);
    const { probabilities } = await predict(life, endpointName, 3);
    const again = await life.workspace.preview("prod");
    prove(
      Object.keys(again).join() === "same",
      `preview right after up wants to change something: ${JSON.stringify(again)}`,
    );
    const drift = await life.workspace.refresh("prod");
    const drifted = Object.keys(drift.changes).filter((kind) => kind !== "same");
    prove(drifted.length === 0, `refresh right after up finds drift:\n${drift.output}`);
    return [
      { label: "unapproved package", value: message.trim() },
      { label: "approved package", value: `${changes.create} resources created` },
      { label: "endpoint", value: `${endpointName}: ${probabilities.map((value) => value.toFixed(3)).join(" ")}` },
    ];
  },
};
