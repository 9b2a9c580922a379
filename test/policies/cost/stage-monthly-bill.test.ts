import assert from "node:assert/strict";
import rule from "../../../policies/cost/stage-monthly-bill.ts";
import { startRun } from "../../../policies/support/run.ts";
import { AS_OF } from "../../../pricing/prices.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import { analyzeStack, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const MISSING = "Take what has a price, or give the price in ownPrices, with its source and date.";
const ABROAD = "Give its prices in ownPrices, or state the region where it is not stated; no other region's are taken.";
const total = (usd: string, limit: string, rest: string) =>
  `stage-monthly-bill/total: the bill of a month with the declared usage is ${usd} USD, must be under ${limit} USD. ${rest}`;
const idle = (usd: string, limit: string, rest: string) =>
  `stage-monthly-bill/idle: the bill of an idle month is ${usd} USD, must be under ${limit} USD. ${rest}`;
const unpriced = (what: string) =>
  `stage-monthly-bill/unpriced: the bill is without ${what}, must be complete. ${MISSING}`;

describe("stage-monthly-bill", () => {
  afterEach(() => void startRun());

  for (const provider of PROVIDERS) {
    const notebook = compliant(provider, "notebook");
    const judge = (resources: Resource[], config: Record<string, unknown> = {}) =>
      analyzeStack(rule, resources, { config });
    const numbered = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ ...notebook, name: `notebook-${i + 1}` }));
    const wide = { limitUsdPerMonth: 10_000, idleUsdPerMonth: 10_000 };

    it(`${provider}: under the limits, at them and over them`, async () => {
      // ml.t3.medium at 0.05 an hour and 5 GB at 0.14 a month: 36.50 + 0.70.
      violates(await judge([notebook], { idleUsdPerMonth: 37.21, limitUsdPerMonth: 37.21 }));
      const rest = "Dearest: notebook 37.20 (ml.t3.medium, 5 × GB of storage). Without notebook it is 0.00 USD.";
      violates(
        await judge([notebook], { idleUsdPerMonth: 37.2, limitUsdPerMonth: 37.2 }),
        idle("37.20", "37.2", rest),
        total("37.20", "37.2", rest),
      );
      violates(await judge([notebook], { limitUsdPerMonth: 100 }), idle("37.20", "20", rest));
      violates(await judge([notebook], { ...wide, limitUsdPerMonth: 5 }), total("37.20", "5", rest));
      // Nothing is under nothing.
      violates(
        await judge([compliant(provider, "bucket")], { limitUsdPerMonth: 0 }),
        total("0.00", "0", "Raise the limit."),
      );
    });

    it(`${provider}: the five dearest, and what it takes`, async () => {
      const [first, second, ...others] = numbered(7);
      const big = broken(first ?? notebook, "instanceType", "ml.g4dn.xlarge");
      const middle = broken(second ?? notebook, "instanceType", "ml.t3.large");
      const small = (n: number) => `notebook-${n} 37.20 (ml.t3.medium, 5 × GB of storage)`;
      violates(
        await judge([...others, middle, big], { ...wide, idleUsdPerMonth: 300 }),
        idle(
          "797.68",
          "300",
          `Dearest: notebook-1 537.98 (ml.g4dn.xlarge, 5 × GB of storage), notebook-2 73.70 (ml.t3.large, 5 × GB of storage), ${small(3)}, ${small(4)} and ${small(5)}. Without notebook-1 it is 259.70 USD.`,
        ),
      );
      const many = numbered(8);
      violates(
        await judge(many, { ...wide, limitUsdPerMonth: 40 }),
        total(
          "297.60",
          "40",
          `Dearest: ${small(1)}, ${small(2)}, ${small(3)}, ${small(4)} and ${small(5)}. It takes more than 5 resources less to bring it under.`,
        ),
      );
    });

    it(`${provider}: declared usage counts, and usage of nothing is a fault`, async () => {
      const model = compliant(provider, "endpointConfig");
      // 2 GB at 0.00002 a GB-second.
      const used = (perMonth: number) => ({
        ...wide,
        limitUsdPerMonth: 10,
        declaredUsage: [{ on: "endpointConfig", meter: "seconds", perMonth }],
      });
      violates(await judge([model], used(249_000)));
      violates(
        await judge([model], used(250_000)),
        total("10.00", "10", "Dearest: endpointConfig 10.00 (paid by use). Without endpointConfig it is 0.00 USD."),
      );
      const training = { item: "sagemaker.training.ml.m5.large", region: "us-east-1", perMonth: 100 };
      violates(
        await judge([model], { ...wide, limitUsdPerMonth: 10, declaredUsage: [training] }),
        total(
          "11.50",
          "10",
          "Dearest: sagemaker.training.ml.m5.large 11.50 (declared usage). Without sagemaker.training.ml.m5.large it is 0.00 USD.",
        ),
      );
      const wrong = [
        { on: "endpointConfig", meter: "minutes", perMonth: 1 },
        { on: "nobody", meter: "seconds", perMonth: 1 },
        { perMonth: 1 },
        { on: "nobody", item: "kms.key", region: "us-east-1", perMonth: 1 },
      ];
      violates(
        await judge([model], { declaredUsage: wrong }),
        ...wrong.map(
          (one) =>
            `stage-monthly-bill/usage: declaredUsage ${JSON.stringify(one)} is of nothing, must be of a resource of this stage that has the meter. Correct the name or the meter, or take it out.`,
        ),
      );
      violates(
        await judge([model], { declaredUsage: [{ ...training, item: "sagemaker.training.ml.x" }] }),
        unpriced("sagemaker.training.ml.x (declared usage: no price in us-east-1)"),
      );
    });

    it(`${provider}: what has no price is named, never nothing`, async () => {
      for (const [value, why] of [
        ["ml.m7i.large", "the price table has no sagemaker.notebook.ml.m7i.large in us-east-1"],
        [UNKNOWN, "the instance type is not known yet"],
        [undefined, "no instance type is written"],
        [7, "the instance type is not known yet"],
      ] as const) {
        const what = typeof value === "string" && value !== UNKNOWN ? value : "notebook";
        violates(await judge([broken(notebook, "instanceType", value)]), unpriced(`notebook (${what}: ${why})`));
      }
      const own = {
        item: "sagemaker.notebook.ml.m7i.large",
        region: "us-east-1",
        usd: 0.02,
        per: 1,
        unit: "hour",
        source: "our agreement",
        dated: "2026-11",
        confidence: "H",
      };
      violates(await judge([broken(notebook, "instanceType", "ml.m7i.large")], { ownPrices: [own] }));
    });

    it(`${provider}: a type that the bill does not know`, async () => {
      const type = provider === "native" ? "aws-native:athena:WorkGroup" : "aws:athena/workgroup:Workgroup";
      const other = { ...compliant(provider, "bucket"), type, name: "queries", props: { name: "x" } };
      violates(await judge([other]), unpriced("queries (resource: the bill does not know this type)"));
      // Another cloud's resources and components are no part of AWS's bill.
      for (const foreign of ["random:index/randomId:RandomId", "frugal:flow:Dataset", "pulumi:providers:aws"])
        violates(await judge([{ ...other, type: foreign }]));
    });

    it(`${provider}: exactly at the limit without some, and five of them`, async () => {
      const [a, b] = numbered(2);
      const limit = { ...wide, limitUsdPerMonth: 37.2 };
      const found = await judge([a ?? notebook, b ?? notebook], limit);
      assert.match(found[0]?.text ?? "", /Without notebook-1 and notebook-2 it is 0\.00 USD\.$/);
      const five = await judge(numbered(6), { ...wide, limitUsdPerMonth: 37.21 });
      assert.match(five[0]?.text ?? "", /Without notebook-1, .*notebook-4 and notebook-5 it is 37\.20 USD\.$/);
      const odd = numbered(5).map((one) => broken(one, "instanceType", "ml.x"));
      assert.match((await judge(odd))[0]?.text ?? "", /, notebook-4 \([^)]*\) and notebook-5 \([^)]*\), must be/);
    });

    it(`${provider}: seven without a price are five names and a number`, async () => {
      const odd = numbered(7).map((one) => broken(one, "instanceType", "ml.x"));
      const word = (n: number) => `notebook-${n} (ml.x: the price table has no sagemaker.notebook.ml.x in us-east-1)`;
      violates(await judge(odd), unpriced(`${[1, 2, 3, 4, 5].map(word).join(", ")} and 2 more`));
    });

    it(`${provider}: a region without prices, or none at all`, async () => {
      const region = (value: string, who: string) =>
        `stage-monthly-bill/region: the region of ${who} is ${value}, must be us-east-1, which the price table has. ${ABROAD}`;
      const at = (props: Record<string, unknown>) => ({ ...notebook, provider: { type: "pulumi:providers:x", props } });
      violates(await judge([at({ region: "eu-west-1" })]), region('"eu-west-1"', "notebook"));
      violates(await judge([at({})]), region("absent", "notebook"));
      violates(await judge([at({ region: UNKNOWN })]), region("absent", "notebook"));
      violates(
        await judge([at({}), { ...at({ region: "eu-west-1" }), name: "b" }, { ...at({}), name: "c" }]),
        region("absent", "notebook and c"),
        region('"eu-west-1"', "b"),
      );
      // Where it does not matter it is not asked for.
      violates(await judge([{ ...compliant(provider, "role"), provider: { type: "pulumi:providers:x", props: {} } }]));
    });

    it(`${provider}: a table that is too old`, async () => {
      const day = (days: number) =>
        new Date(Date.parse(`${AS_OF}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
      startRun({ today: day(365) });
      violates(await judge([notebook], wide));
      startRun({ today: day(366) });
      violates(
        await judge([notebook], wide),
        `stage-monthly-bill/old: the price table is of ${AS_OF}, 366 days ago, must be at most 365 days old. Take a newer version of the pack, or compare the prices with AWS's (docs/COSTS.md).`,
      );
      violates(await judge([notebook], { ...wide, priceTableDays: 400 }));
    });
  }

  it("classic: the resource's own region goes before its provider's", async () => {
    const notebook = compliant("classic", "notebook");
    const own = { ...notebook, props: { ...notebook.props, region: "us-east-1" } };
    const provider = { type: "pulumi:providers:aws", props: { region: "eu-west-1" } };
    violates(await analyzeStack(rule, [{ ...own, provider }], { config: { idleUsdPerMonth: 100 } }));
    const hidden = { ...notebook, props: { ...notebook.props, region: UNKNOWN } };
    const role = compliant("classic", "role");
    const computed = { ...hidden, propertyDependencies: { region: [role.name] } };
    violates(
      await analyzeStack(rule, [computed, role]),
      `stage-monthly-bill/region: the region of notebook is absent, must be us-east-1, which the price table has. ${ABROAD}`,
    );
  });

  it("nothing of AWS is no bill", async () => {
    violates(await analyzeStack(rule, [], { config: { limitUsdPerMonth: 0 } }));
  });
});
