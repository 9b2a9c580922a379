/** The price table: every price with its source and date, no two of one thing, and no price where there is none. */
import assert from "node:assert/strict";
import { AS_OF, PRICES } from "../../../pricing/prices.ts";
import { ageInDays, HOURS, priceTable, tableWith, usdPerMonth, usdPerUnit } from "../../../pricing/table.ts";
import type { Price } from "../../../pricing/types.ts";

const own: Price = {
  item: "sagemaker.hosting.ml.m5.large",
  region: "eu-west-1",
  usd: 0.128,
  per: 1,
  unit: "hour",
  source: "our agreement",
  dated: "2026-11",
  confidence: "H",
};

describe("price table", () => {
  it("says of each price what it is of, where it was read, when, and how sure it is", () => {
    assert.ok(PRICES.length > 60);
    for (const price of PRICES) {
      const { item, region, usd, per, source, dated, confidence } = price;
      assert.match(item, /^[a-z0-9]+(?:[.-][A-Za-z0-9]+)+$/, item);
      assert.match(region, /^[a-z]{2}(?:-[a-z]+)+-\d$/, item);
      assert.ok(usd > 0 && per >= 1, item);
      assert.ok(source.length > 3, item);
      assert.match(dated, /^20\d{2}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?$/, item);
      assert.ok(dated <= AS_OF, `${item} is dated after the table`);
      assert.ok(["H", "M", "L"].includes(confidence), item);
    }
  });

  it("has each thing once in a region", () => {
    const keys = PRICES.map(({ region, item }) => `${region} ${item}`);
    assert.deepEqual(
      keys.filter((key, i) => keys.indexOf(key) !== i),
      [],
    );
  });

  it("answers that there is no price, rather than another's", () => {
    const table = priceTable();
    assert.deepEqual(table.regions, ["us-east-1"]);
    assert.equal(table.find("us-east-1", "sagemaker.hosting.ml.m5.large")?.usd, 0.115);
    assert.equal(table.find("eu-west-1", "sagemaker.hosting.ml.m5.large"), undefined);
    assert.equal(table.find("us-east-1", "sagemaker.hosting.ml.p5.48xlarge"), undefined);
    assert.equal(table.find("us-east-1", "sagemaker.serverless.provisioned"), undefined);
  });

  it("takes prices of one's own, beside and in place of its entries", () => {
    const table = tableWith([own, { ...own, region: "us-east-1", usd: 0.1 }]);
    assert.equal(table.find("eu-west-1", own.item)?.usd, 0.128);
    assert.equal(table.find("us-east-1", own.item)?.usd, 0.1);
    assert.deepEqual(table.regions, ["us-east-1", "eu-west-1"]);
    assert.equal(table.prices.length, PRICES.length + 1);
  });

  it("knows a month, and what is not paid by time", () => {
    assert.equal(HOURS, 730);
    const monthly = (unit: Price["unit"], usd: number, per = 1) => usdPerMonth({ ...own, unit, usd, per });
    assert.equal(monthly("hour", 0.1), 73);
    assert.equal(monthly("day", 24), 730);
    assert.equal(monthly("month", 3), 3);
    assert.equal(monthly("GB-month", 0.14), 0.14);
    assert.equal(monthly("GB-second", 1, 3600), 730);
    for (const unit of ["second", "GB", "GB-hour", "piece"] as const) assert.equal(monthly(unit, 1), undefined, unit);
    assert.ok(Math.abs(usdPerUnit({ ...own, usd: 0.2, per: 1_000_000 }) * 1e6 - 0.2) < 1e-12);
  });

  it("grows old by the day", () => {
    const at = (day: string) => Date.parse(`${day}T00:00:00Z`);
    assert.equal(ageInDays({ asOf: "2026-01-01" }, at("2026-01-01")), 0);
    assert.equal(ageInDays({ asOf: "2026-01-01" }, at("2027-01-01")), 365);
    assert.equal(ageInDays({ asOf: "2026-01-01" }, at("2026-01-02") - 1), 0);
    assert.ok(Number.isNaN(ageInDays({ asOf: "soon" }, at("2026-01-01"))));
  });
});
