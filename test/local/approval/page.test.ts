/** The approval page in a real browser: filled in, by keyboard alone, in light and dark, on a phone, and for those who hear it. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "puppeteer-core";
import type { SliceVerdict } from "../../../contracts/evaluation.ts";
import { launchBrowser } from "../../../local/walkthrough/chromium.ts";
import { container, verdict } from "../../functions/support/samples.ts";
import type { Asked } from "./asked.ts";
import { ApprovalBench } from "./bench.ts";

const ADA = "ada@example.com";
const JOAN = "joan@example.com";

/** Everything that a packet may hold: cautions, failed parts, several containers, long words. */
const full = {
  note: `${"Trained on last month's rows. ".repeat(8)}\n\n${"x".repeat(200)}`,
  containers: [container, { ...container, image: "111122223333.dkr.ecr.us-east-1.amazonaws.com/second:1" }],
  verdict: {
    ...verdict,
    cautions: ["The champion was judged on other test data.", "The interval is wide."],
    slices: [
      ...verdict.slices,
      ...Array.from({ length: 12 }, (_, at): SliceVerdict => {
        const verdicts = ["failed", "passed", "too few rows", "no champion"] as const;
        return {
          column: "a_rather_long_column_name",
          value: `${at} to ${at + 1}`,
          sampleSize: 20,
          gain: -0.1,
          verdict: verdicts[at % 4] ?? "passed",
        };
      }),
    ],
  },
};

/** What runs inside the page; the project's own code never meets a browser's globals. */
interface Field {
  readonly tagName: string;
  readonly id: string;
  readonly textContent: string | null;
}
declare const document: {
  readonly activeElement: Field;
  readonly documentElement: { readonly scrollWidth: number; readonly clientWidth: number };
};
declare function getComputedStyle(node: unknown): { readonly outlineStyle: string; readonly backgroundColor: string };

interface Axe {
  violations: { id: string; impact: string; help: string; nodes: { html: string; failureSummary: string }[] }[];
}

describe("the approval page in a real browser", function () {
  this.timeout(60_000);
  let bench: ApprovalBench;
  let browser: Browser;
  let axe: string;
  before(async () => {
    [bench, browser, axe] = await Promise.all([
      ApprovalBench.open(),
      launchBrowser(),
      readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8"),
    ]);
  });
  after(async () => {
    await browser?.close();
    await bench?.close();
  });

  /** A fresh page that remembers what the browser complains about: scripts, styles and requests that the policy stops. */
  async function visit(link: string, look: { width?: number; scheme?: "light" | "dark" } = {}) {
    const page = await browser.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => requests.push(request.url()));
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: look.scheme ?? "light" }]);
    await page.setViewport({ width: look.width ?? 900, height: 740 });
    await page.goto(link, { waitUntil: "load" });
    return { page, complaints, requests };
  }
  const title = (page: Page) => page.$eval("h1", (heading) => heading.textContent);
  const focused = (page: Page) =>
    page.evaluate(() => {
      const { tagName, id, textContent } = document.activeElement;
      return tagName === "A" ? `a ${textContent}` : `${tagName.toLowerCase()} ${id || textContent?.trim()}`;
    });
  /** axe-core's findings; it is let in past the page's policy by the browser's own door. */
  async function findings(page: Page): Promise<string[]> {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run(node: unknown, options: object): Promise<Axe> } };
      return axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
    });
    return violations.map(
      ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`,
    );
  }
  const finish = async (asked: Asked) => {
    await asked.stop();
  };

  it("is filled in and sent, and says what was decided", async () => {
    const asked = await bench.ask();
    const { page, complaints, requests } = await visit(await asked.link(ADA));
    assert.match((await title(page)) ?? "", /^Approve frugal-dev-breast-cancer version \d+\?$/);
    await page.type("#comment", "Sound on every part.");
    await Promise.all([page.waitForNavigation(), page.click("button.approve")]);
    assert.match((await title(page)) ?? "", /^You approved frugal-dev-breast-cancer/);
    assert.deepEqual(complaints, []);
    assert.ok(
      requests.every((url) => url.startsWith(bench.url) || url === "data:,"),
      requests.join(),
    );
    assert.equal((await asked.ended()).output?.decision, "Approved");
    assert.equal((await asked.package()).metadata["frugal:approved-by"], ADA);
    // Going back and sending once more changes nothing.
    await page.goBack();
    await page.type("#comment", "again").catch(() => undefined);
    await page.reload();
    assert.match((await title(page)) ?? "", /already approved/);
    await page.close();
  });

  it("is decided by keyboard alone, in the order in which it is read", async () => {
    const asked = await bench.ask();
    const { page, complaints } = await visit(await asked.link(JOAN));
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "a Go to your decision");
    const visible = await page.$eval(".skip", (link) => link.getBoundingClientRect().left >= 0);
    assert.ok(visible, "the link to the decision is seen once it has the focus");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "textarea comment");
    const outline = await page.$eval("#comment", (field) => getComputedStyle(field).outlineStyle);
    assert.equal(outline, "solid", "what has the focus is marked");
    await page.keyboard.type("Too few rows.");
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "button approve");
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "button Reject");
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    assert.match((await title(page)) ?? "", /^You rejected/);
    assert.deepEqual(complaints, []);
    assert.equal((await asked.package()).status, "Rejected");
    await page.close();
  });

  it("says what is missing on top, puts the focus there, and keeps what was written", async () => {
    const asked = await bench.ask();
    const { page } = await visit(await asked.link(ADA));
    await Promise.all([page.waitForNavigation(), page.click("button.reject")]);
    assert.match(await page.title(), /^Error: /);
    assert.equal(await page.$eval(".faults", (summary) => (summary as unknown) === document.activeElement), true);
    assert.equal(await page.$eval("#comment", (field) => field.getAttribute("aria-invalid")), "true");
    await page.keyboard.press("Tab");
    assert.match(await focused(page), /^a Say in the comment why/);
    await page.keyboard.press("Enter");
    assert.equal(new URL(page.url()).hash, "#comment");
    assert.deepEqual(await findings(page), []);
    await page.close();
    await finish(asked);
  });

  for (const scheme of ["light", "dark"] as const) {
    for (const width of [360, 900]) {
      it(`has no finding of axe and no horizontal scroll at ${width} px in ${scheme}`, async () => {
        const asked = await bench.ask({}, full);
        const link = await asked.link(ADA);
        const { page, complaints } = await visit(link, { width, scheme });
        const { scroll, client } = await page.evaluate(() => ({
          scroll: document.documentElement.scrollWidth,
          client: document.documentElement.clientWidth,
        }));
        assert.ok(scroll <= client, `${scroll} px of content in ${client}`);
        const outside = await page.$$eval("main *", (nodes) =>
          nodes
            .filter((node) => node.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
            .map((node) => node.outerHTML.slice(0, 80)),
        );
        assert.deepEqual(outside, []);
        const paper = await page.$eval("body", (body) => getComputedStyle(body).backgroundColor);
        assert.equal(paper, scheme === "light" ? "rgb(255, 255, 255)" : "rgb(13, 17, 23)");
        assert.deepEqual(complaints, []);
        assert.deepEqual(await findings(page), []);
        const small = await page.$$eval(
          "button",
          (all) => all.filter((one) => one.getBoundingClientRect().height < 44).length,
        );
        assert.equal(small, 0, "a thumb needs 44 px");
        await page.click("button.approve");
        await page.waitForSelector(".faults");
        assert.deepEqual(await findings(page), []);
        await page.close();
        await finish(asked);
      });
    }
  }

  it("shows failed parts first, in words and not by colour alone", async () => {
    const asked = await bench.ask({}, full);
    const { page } = await visit(await asked.link(ADA));
    const rows = await page.$$eval("#slices ~ table tbody tr", (all) =>
      all.map((row) => row.lastElementChild?.textContent),
    );
    assert.deepEqual(rows.slice(0, 4), ["failed", "failed", "failed", "passed"]);
    const order = await page.$$eval("h2", (all) => all.map((heading) => heading.textContent));
    assert.deepEqual(order.slice(0, 3), ["Beware", "Who asks, and why", "Parts of the test rows"]);
    await page.close();
    await finish(asked);
  });

  for (const [what, path] of [
    ["an unknown link", `/approvals/${"A".repeat(43)}`],
    ["a decided one", ""],
  ] as const) {
    it(`has no finding of axe on the page of ${what}`, async () => {
      const asked = await bench.ask();
      const link = await asked.link(ADA);
      const { page } = await visit(path === "" ? link : `${bench.url}${path}`, { width: 360, scheme: "dark" });
      if (path === "") {
        await page.type("#comment", "Fine.");
        await Promise.all([page.waitForNavigation(), page.click("button.approve")]);
      }
      assert.deepEqual(await findings(page), []);
      await page.close();
      if (path !== "") await finish(asked);
    });
  }
});
