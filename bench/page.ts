/** The page of 30 days of 20 instances, with a hundred thousand events: what recording costs, how large it is, when it is seen. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { generateMarket } from "../rehearsal/inputs/generator";
import type { MeasuredResult } from "../rehearsal/measure/result";
import type { PageData } from "../rehearsal/report/data";
import { renderPage } from "../rehearsal/report/page";
import { Recorder } from "../rehearsal/report/recorder";
import { findBrowser, openBrowser } from "../tools/page/browser";
import { cpuTimes } from "./cpu";
import { declareStack, HOUR_MS, rehearse, timed } from "./stack";

const SIZE = { instances: 20, tasks: 200 };
const HOURS = 30 * 24;
const HAZARD_SCALE = 2000;
const durationMs = HOURS * HOUR_MS;

class CountingRecorder extends Recorder {
  events = 0;

  constructor() {
    super(durationMs);
    const { onLine } = this;
    Object.assign(this, { onLine: (line: Parameters<typeof onLine>[0]) => (this.events++, onLine(line)) });
  }
}

export async function benchPage(print: (line: string) => void): Promise<void> {
  const resources = await declareStack(SIZE);
  const run = async (recorder?: CountingRecorder) => {
    const market: Parameters<typeof rehearse>[1]["market"] = (geometry, prices) =>
      generateMarket({ seed: 1, durationMs, geometry, prices, hazardScale: HAZARD_SCALE });
    return rehearse(resources, { hours: HOURS, size: SIZE, market, recorder });
  };
  const [plainMs] = await cpuTimes(1, () => run());
  const recorder = new CountingRecorder();
  let result: MeasuredResult | undefined;
  const [recordedMs] = await cpuTimes(1, async () => {
    result = (await run(recorder)).result;
  });
  const variant = { ...result!, policies: { checked: 0, violations: [] } };
  const wall = { simulatedSeconds: HOURS * 3600, wallSeconds: 0 };
  const data: PageData = {
    result: { schema: "spotproof/rehearsal/1", seed: 1, ...wall, variants: { month: variant } },
    recordings: { month: recorder.finish() },
  };
  const rendered = await timed(1, () => Promise.resolve(renderPage(data, TEXT)));
  const page = rendered.answer;
  const tell = (what: string, figure: string): void => print(`page: ${what}`.padEnd(58) + ` ${figure}`);
  const { interruptions } = data.recordings.month!;
  tell(
    "events of 30 days, 20 instances",
    `${recorder.events.toLocaleString("en-US")}, ${interruptions.length} interruptions`,
  );
  tell(
    "the rehearsal alone, and recorded",
    `${(plainMs! / 1000).toFixed(1)} s CPU, ${(recordedMs! / 1000).toFixed(1)} s`,
  );
  tell("to write, and bytes", `${(rendered.ms / 1000).toFixed(1)} s, ${(page.length / 1e6).toFixed(2)} MB`);
  if (findBrowser() === undefined) tell("seen in a browser", "no Chromium here");
  else await timeInBrowser(page, tell);
}

const TEXT = { scenario: "month", description: "", command: "", sources: [], remarks: [] };

async function timeInBrowser(page: string, tell: (what: string, figure: string) => void): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "spotproof-bench-"));
  const file = path.join(folder, "report.html");
  writeFileSync(file, page);
  const browser = await openBrowser();
  try {
    const tab = await browser.newPage();
    await tab.goto(pathToFileURL(file).href);
    await tab.waitForSelector("html[data-ready]", { state: "attached" });
    const ready = await tab.evaluate("performance.now()");
    const first = await tab.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime");
    const seconds = (ms: unknown): string => `${(Number(ms) / 1000).toFixed(2)} s`;
    tell("first picture, and every chart drawn", `${seconds(first)}, ${seconds(ready)}`);
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
}
