/** The stack as the bill wants it: plain resources with their region. */
import { isBilled, METERED } from "../../pricing/bill.ts";
import { type PriceTable, priceTable, tableWith } from "../../pricing/table.ts";
import type { Billed, Price } from "../../pricing/types.ts";
import type { Graph, Node } from "./graph.ts";
import type { Reads } from "./subject.ts";
import { isTree } from "./unknown.ts";

const isClassic = (type: string): boolean => type.startsWith("aws:");

/** Types that cost nothing of their own in the bill, and have no region there. */
const GLOBAL = new Set(["aws:budgets/budgetAction:BudgetAction", "aws-native:budgets:BudgetsAction"]);

/** What a rule must declare that asks for the bill. */
export const BILL_READS: Reads = Object.fromEntries(
  Object.entries(METERED).map(([type, paths]) => [
    type,
    isClassic(type) && !GLOBAL.has(type) ? [...paths, "region"] : paths,
  ]),
);

/** Every resource of either AWS provider, as plain data; what is not known yet stays so, and the bill says it. */
export function billedOf(graph: Graph): Billed[] {
  return graph
    .all()
    .filter(({ type }) => isBilled(type))
    .map((node): Billed => {
      const region = regionOf(node);
      return {
        urn: node.urn,
        type: node.type,
        props: isTree(node.everything) ? node.everything : {},
        refs: node.dependencies(),
        ...(region === undefined ? {} : { region }),
      };
    });
}

/** Where a resource lies: its own word, else its provider's. Undefined where nothing says it. */
function regionOf(node: Node): string | undefined {
  const own = node.has("region") ? node.one("region") : undefined;
  if (own?.state === "known" && typeof own.value === "string") return own.value;
  // Computed by the program, it may be any.
  if (node.derives("region")) return undefined;
  const { state, ...rest } = node.provider("region");
  const value = state === "known" && "value" in rest ? rest.value : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}

export interface Abroad {
  /** Undefined: nothing says where. */
  readonly region: string | undefined;
  readonly urns: readonly string[];
}

/** Where metered resources lie that the table has no prices for. */
export function withoutPrices(resources: readonly Billed[], table: PriceTable): readonly Abroad[] {
  const found = new Map<string | undefined, string[]>();
  for (const { type, region, urn } of resources) {
    if (!Object.hasOwn(METERED, type) || GLOBAL.has(type)) continue;
    if (region !== undefined && table.regions.includes(region)) continue;
    const urns = found.get(region);
    if (urns) urns.push(urn);
    else found.set(region, [urn]);
  }
  return [...found].map(([region, urns]) => ({ region, urns }));
}

export const tableOf = (own: readonly Price[]): PriceTable => (own.length === 0 ? priceTable() : tableWith(own));

/** The resource's name in a message. */
export const nameOf = (urn: string): string => urn.split("::").at(-1) ?? urn;

/** Dollars in a message: cents, or more where there would be none to see. */
export function dollars(usd: number): string {
  const cents = usd.toFixed(2);
  return usd > 0 && Number(cents) === 0 ? usd.toPrecision(1) : cents;
}
