import { type Fact, prove, type Scene } from "../life.ts";

export const deploy: Scene = {
  id: "deploy",
  title: "pulumi up of stage dev, policy pack enforced",
  async play(life): Promise<Fact[]> {
    const { changes, outputs } = await life.workspace.up("dev", life.raw);
    prove(
      (changes.create ?? 0) > 20,
      `stage dev created ${changes.create ?? 0} resources, which cannot be the whole estate`,
    );
    const again = await life.workspace.preview("dev");
    const changed = Object.keys(again).filter((kind) => kind !== "same");
    prove(changed.length === 0, `preview right after up wants to change something: ${JSON.stringify(again)}`);
    const drift = await life.workspace.refresh("dev");
    const drifted = Object.keys(drift.changes).filter((kind) => kind !== "same");
    prove(drifted.length === 0, `refresh right after up finds drift:\n${drift.output}`);
    return [
      { label: "resources created", value: String(changes.create) },
      { label: "preview after it", value: `no change (${again.same} the same)` },
      { label: "refresh after it", value: `no drift (${drift.changes.same} the same)` },
      { label: "outputs", value: Object.keys(outputs).join(", ") },
    ];
  },
};
