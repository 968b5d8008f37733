/** `npm run docs:screenshots`: rehearses, opens the page in a browser, and takes the pictures of the documents. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { run } from "../../rehearsal/cli";
import { openBrowser } from "./browser";

const FOLDER = "docs/images";
const WIDTH = 1100;

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

/** Colours are few, so the pictures are small. */
async function pictures(page: Page): Promise<void> {
  await page.locator(".switch label").nth(1).click();
  const time = page.locator("#time");
  const box = (await time.boundingBox())!;
  const clip = {
    x: 0,
    y: 0,
    width: WIDTH,
    height: Math.min(760, (await page.locator("#laws, #time").first().boundingBox())!.y),
  };
  await page.screenshot({ path: path.join(FOLDER, "report.png"), clip, fullPage: true });
  await page.screenshot({
    path: path.join(FOLDER, "report-time.png"),
    clip: { ...box, x: 0, width: WIDTH, height: 760 },
    fullPage: true,
  });
  await page.locator(".switch label").first().click();
}

async function interruption(page: Page): Promise<void> {
  await page.locator("button.open").first().click();
  await page.locator("#second").fill("20");
  const { x, y, width } = (await page.locator("#interruption").boundingBox())!;
  const bottom = (await page.locator(".states").boundingBox())!;
  const scrolled = (await page.evaluate("scrollY")) as number;
  const clip = { x, y: y + scrolled, width, height: bottom.y + bottom.height - y };
  await page.screenshot({ path: path.join(FOLDER, "report-interruption.png"), clip, fullPage: true });
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
      if (colorScheme === "light") await pictures(page);
      else await interruption(page);
    }
  } finally {
    await browser.close();
  }
}

void main();
