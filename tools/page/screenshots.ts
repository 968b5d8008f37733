/** `npm run docs:screenshots`: rehearses, opens the page in a browser, and takes the pictures of the documents. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { run } from "../../rehearsal/cli";
import { openBrowser } from "./browser";

const FOLDER = "docs/images";
const WIDTH = 1000;
const MARGIN = 8;

async function rehearsedPage(): Promise<string> {
  const report = path.join(mkdtempSync(path.join(tmpdir(), "screenshots-")), "report.html");
  const { stdout: out, stderr: err } = process;
  await run(["--quiet", "--days", "2", "--seed", "2", "--report", report], {
    out,
    err,
    wallClock: () => performance.now(),
  });
  return report;
}

/** From the top of one element to the bottom of another, as wide as the page. */
async function shoot(page: Page, name: string, from: string, to: string): Promise<void> {
  await page.evaluate("scrollTo(0, 0)");
  const first = (await page.locator(from).first().boundingBox())!;
  const last = (await page.locator(to).first().boundingBox())!;
  const clip = { x: 0, y: first.y - MARGIN, width: WIDTH, height: last.y + last.height - first.y + 2 * MARGIN };
  await page.screenshot({ path: path.join(FOLDER, name), clip, fullPage: true });
}

async function light(page: Page): Promise<void> {
  await shoot(page, "report.png", "header", ".variants tbody tr:nth-child(9)");
  await page.locator(".switch label").nth(1).click();
  await shoot(page, "report-time.png", "#time", "figure:nth-of-type(2)");
}

async function dark(page: Page): Promise<void> {
  await page.locator("button.open").first().click();
  await page.locator("#second").fill("20");
  await shoot(page, "report-interruption.png", "#interruption", ".states");
}

async function main(): Promise<void> {
  const report = await rehearsedPage();
  const browser = await openBrowser();
  try {
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await browser.newPage({
        viewport: { width: WIDTH, height: 800 },
        colorScheme,
        reducedMotion: "reduce",
      });
      await page.goto(pathToFileURL(report).href);
      await page.waitForSelector("html[data-ready]", { state: "attached" });
      await (colorScheme === "light" ? light(page) : dark(page));
    }
  } finally {
    await browser.close();
  }
}

void main();
