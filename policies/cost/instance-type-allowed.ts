/** Machines come from the stage's list, accelerated ones from a list of their own with an owner and a last day. */
import { demand, within } from "../support/demand.ts";
import { MACHINES } from "../support/machines.ts";
import { type Reading, textOf } from "../support/read.ts";
import { rule } from "../support/rule.ts";
import { and } from "../support/show.ts";

type Check = "type" | "accelerated" | "expired" | "elastic" | "count";

/**
 * Families with a GPU or another accelerator: p, g, inf, trn, dl and vt with their generation (SageMaker API reference,
 * the instance types of ProductionVariant and ResourceConfig).
 */
const ACCELERATED = /^(?:ml\.)?(?:p|g|inf|trn|dl|vt)\d/;
/** Studio's own small machine for the Jupyter server, which is not billed (SageMaker API reference, ResourceSpec). */
const SYSTEM = "system";

export default rule({
  id: "instance-type-allowed",
  group: "cost",
  severity: "high",
  what: "A machine is not on the stage's list, or there are more of them than the stage allows.",
  why: "One wrong letter is a GPU for a month.",
  fix: "Take a type of the list; an accelerated type needs an entry with an owner and a last day in the pack's configuration.",
  levels: { dev: "mandatory", prod: "mandatory" },
  checks: {
    type: "The type is not on the stage's list.",
    accelerated: "The type has an accelerator and is not on the list of those.",
    expired: "The accelerated type's last day is over.",
    elastic: "An Elastic Inference accelerator, which AWS no longer offers.",
    count: "More machines than the stage allows.",
  } satisfies Record<Check, string>,
  settings: ["instanceTypes", "acceleratedTypes", "maxInstances"],
  resource: {
    reads: MACHINES,
    judge(subject, { settings, report }) {
      const { instanceTypes, acceleratedTypes, maxInstances } = settings;
      const waiting = new Set<string>();
      const once = (reading: Reading): boolean => {
        // Several leaves may be hidden behind one unknown; one note says so.
        const isHidden = reading.state === "unknown" || reading.state === "malformed";
        if (isHidden && waiting.has(reading.path)) return false;
        waiting.add(reading.path);
        return true;
      };
      for (const path of subject.paths()) {
        for (const reading of subject.read(path).filter(once)) {
          if (path.endsWith("Count")) {
            const limit = `${maxInstances} or less`;
            const fix = "Use fewer, or raise the stage's limit.";
            demand(reading, { check: "count", limit, fix, holds: within(0, maxInstances), optional: true }, report);
          } else if (/acceleratorTypes?(?:\[\])?$/.test(path)) {
            const fix = "Remove it; use an instance type that has the accelerator.";
            demand(reading, { check: "elastic", limit: "absent", fix, optional: true }, report);
          } else judgeType(reading);
        }
      }

      function judgeType(reading: Reading): void {
        const name = textOf(reading);
        if (name !== undefined && ACCELERATED.test(name)) {
          const entry = acceleratedTypes.find(({ type }) => type === name);
          const fix = "Use a type without accelerator, or let its owner be written into the list, with a last day.";
          // The whole of the last day still counts.
          const isIn = entry !== undefined && Date.parse(`${entry.expires}T23:59:59Z`) >= Date.now();
          const limit = entry
            ? `used until its last day, ${entry.expires} (owner ${entry.owner})`
            : "a type with an owner and a last day in acceleratedTypes";
          const check = entry ? "expired" : "accelerated";
          demand(reading, { check, limit, fix, holds: () => isIn }, report);
          return;
        }
        const limit = instanceTypes.length === 1 ? `${instanceTypes[0]}` : `one of ${and(instanceTypes)}`;
        const fix = "Take one of these, or add the type to the stage's list.";
        const holds = (type: unknown) => type === SYSTEM || instanceTypes.some((allowed) => allowed === type);
        demand(reading, { check: "type", limit, fix, holds, optional: true }, report);
      }
    },
  },
});
