import { DescribeModelPackageCommand } from "@aws-sdk/client-sagemaker";
import type { Browser } from "puppeteer-core";
import { loadStage, need } from "../../../cli/stage.ts";
import { waitForExecution } from "../../../cli/submit.ts";
import { packageKeys } from "../../../contracts/lineage.ts";
import { open } from "../browser.ts";
import { launchBrowser, screenshot } from "../chromium.ts";
import { approvalLink } from "../inbox.ts";
import { type Fact, from, type Life, prove, type Scene } from "../life.ts";
import { servedPackage } from "./serving.ts";
import { approvalMail, approvalStatus, submitAndWait } from "./work.ts";

const reason = "The same model as the one in service: nothing is gained by changing it.";

export const rejection: Scene = {
  id: "rejection",
  title: "a person looks at the page in a browser, and rejects with a reason",
  async play(life): Promise<Fact[]> {
    // It starts while the candidate is tested.
    const browser = launchBrowser();
    // It may fail long before anybody looks.
    browser.catch(() => {});
    try {
      return await reject(life, browser);
    } finally {
      await browser.then(
        (opened) => opened.close(),
        () => {},
      );
    }
  },
};

async function reject(life: Life, browser: Promise<Browser>): Promise<Fact[]> {
  const { endpointName } = need(await loadStage(life.clients.ssm, "dev"), "endpointName");
  const first = from(life.found.first, "submission");
  // Stricter demands make it a submission of its own; the model passes them, being as good as itself.
  const submitted = await submitAndWait(life, first.trainingJobName, {
    gate: { minimumGain: -0.015 },
    note: "Once more, with stricter demands than the stage's.",
  });
  life.found.rejected = submitted;
  const mail = await approvalMail(life, submitted);
  life.say(`mail to ${mail.to.join(", ")}: ${mail.subject}`);
  const link = approvalLink(mail);

  const opened = await browser.catch((error: Error) => error);
  const pictures = opened instanceof Error ? await rejectPlainly(link, opened) : await rejectInBrowser(link, opened);
  const execution = await waitForExecution(life.clients.sfn, submitted.executionArn, {
    pollMs: 100,
    timeoutMs: 60_000,
  });
  prove(execution.status === "SUCCEEDED", `the submission ended ${execution.status}: ${execution.error ?? ""}`);
  const status = await approvalStatus(life, submitted);
  prove(status === "Rejected", `after the rejection the package is ${status}`);
  const found = await life.clients.sagemaker.send(
    new DescribeModelPackageCommand({ ModelPackageName: submitted.modelPackageArn }),
  );
  prove(found.ApprovalDescription === reason, `the package keeps the reason "${found.ApprovalDescription}"`);
  const served = await servedPackage(life, endpointName);
  prove(served === first.modelPackageArn, `the endpoint serves ${served} now`);
  const metadata = found.CustomerMetadataProperties ?? {};
  return [
    { label: "model package", value: `${submitted.modelPackageArn}: ${status}` },
    { label: "submitted with", value: "a gain of at least -0.015 beyond chance; the stage asks for -0.02" },
    { label: "rejected by", value: metadata[packageKeys.approvedBy] ?? "" },
    { label: "reason", value: found.ApprovalDescription ?? "" },
    { label: "digest of what was shown", value: metadata[packageKeys.packetDigest] ?? "" },
    ...pictures,
  ];
}

/** Looks at the page as a person would, fills in the form, and takes pictures on the way. */
async function rejectInBrowser(link: string, browser: Browser): Promise<Fact[]> {
  const asked = await screenshot(browser, { url: link });
  const phone = await screenshot(browser, { url: link }, { width: 360, scheme: "dark" });
  const page = await browser.newPage();
  await page.goto(link, { waitUntil: "load" });
  await page.type("#comment", reason);
  await Promise.all([page.waitForNavigation(), page.click("button.reject")]);
  const title = await page.$eval("h1", (heading) => heading.textContent);
  prove(title?.startsWith("You rejected"), `after the rejection the page says "${title}"`);
  const decided = Buffer.from(await page.screenshot({ type: "png" }));
  return [
    { label: "the page, asked", value: "the approval page with the evidence and the form", picture: asked },
    { label: "the page on a phone, dark", value: "the same page, 360 pixels wide", picture: phone },
    { label: "the page, decided", value: "the page after the rejection", picture: decided },
  ];
}

/** Where there is no browser, the form is sent all the same; only the pictures are missing. */
async function rejectPlainly(link: string, why: Error): Promise<Fact[]> {
  const page = await open(link, { decision: "Rejected", comment: reason });
  prove(page.status === 200, `the rejection answers ${page.status}`);
  return [{ label: "pictures of the page", value: `none: ${why.message}` }];
}
