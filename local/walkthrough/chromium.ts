/**
 * A real browser for the pages: on Linux x64 the Chromium that an npm package brings, elsewhere the installed Chrome. It
 * shows only what runs on this machine.
 */
import { createReadStream, createWriteStream } from "node:fs";
import { access, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createBrotliDecompress } from "node:zlib";
import type { Browser } from "puppeteer-core";
import { extract } from "tar";

const cache = fileURLToPath(new URL("../../.cache", import.meta.url));

/** The sizes and colours that a page is looked at in. */
export interface Look {
  /** Pixels; the height follows the page. @default 900 */
  readonly width?: number;
  /** @default light */
  readonly scheme?: "light" | "dark";
}

/**
 * Starts a browser; the caller closes it. FRUGAL_CHROME names another executable.
 *
 * @throws where there is no browser, saying how to get one
 */
export async function launchBrowser(): Promise<Browser> {
  const { launch } = await import("puppeteer-core");
  const chosen = process.env.FRUGAL_CHROME;
  const packed = process.platform === "linux" && process.arch === "x64";
  if (chosen === undefined && !packed) {
    try {
      return await launch({ channel: "chrome" });
    } catch (error) {
      const hint = "Install Google Chrome, or name a Chromium in FRUGAL_CHROME";
      throw new Error(`No browser could be started: ${(error as Error).message}. ${hint}.`);
    }
  }
  const brought = chosen === undefined ? await unpacked() : undefined;
  return await launch({
    executablePath: chosen ?? brought?.executable,
    headless: "shell",
    // Root cannot use the sandbox, and containers rarely can; the pages are this machine's own.
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--font-render-hinting=none"],
    ...(brought ? { env: { ...process.env, FONTCONFIG_PATH: brought.fonts, LD_LIBRARY_PATH: brought.libraries } } : {}),
  });
}

interface Unpacked {
  readonly executable: string;
  readonly fonts: string;
  /** What a bare system lacks: NSS and its kin. */
  readonly libraries: string;
}

/** Unpacks the package's browser once per version, in a folder of this project; takes some two seconds. */
async function unpacked(): Promise<Unpacked> {
  const home = path.dirname(path.dirname(fileURLToPath(import.meta.resolve("@sparticuz/chromium"))));
  const { version } = JSON.parse(await readFile(path.join(home, "package.json"), "utf8")) as { version: string };
  const folder = path.join(cache, `chromium-${version}`);
  const found = {
    executable: path.join(folder, "chromium"),
    fonts: path.join(folder, "fonts"),
    libraries: path.join(folder, "lib"),
  };
  if (await exists(folder)) return found;
  await mkdir(cache, { recursive: true });
  const making = await mkdtemp(path.join(cache, "chromium-"));
  try {
    const bin = (name: string) => createReadStream(path.join(home, "bin", name));
    const executable = createWriteStream(path.join(making, "chromium"), { mode: 0o700 });
    await mkdir(path.join(making, "fonts"));
    await Promise.all([
      pipeline(bin("chromium.br"), createBrotliDecompress(), executable),
      pipeline(bin("al2023.tar.br"), createBrotliDecompress(), extract({ cwd: making })),
      pipeline(bin("fonts.tar.br"), createBrotliDecompress(), extract({ cwd: path.join(making, "fonts") })),
    ]);
    // Two at once: the first to be done wins, and both are the same.
    await rename(making, folder).catch(async (error) => {
      if (!(await exists(folder))) throw error;
    });
    return found;
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** A picture of a whole page, as PNG. */
export async function screenshot(
  browser: Browser,
  source: { url: string } | { html: string },
  look: Look = {},
): Promise<Buffer> {
  const page = await browser.newPage();
  try {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: look.scheme ?? "light" }]);
    await page.setViewport({ width: look.width ?? 900, height: 700 });
    if ("url" in source) await page.goto(source.url, { waitUntil: "load" });
    else await page.setContent(source.html, { waitUntil: "load" });
    return Buffer.from(await page.screenshot({ fullPage: true, type: "png" }));
  } finally {
    await page.close();
  }
}
