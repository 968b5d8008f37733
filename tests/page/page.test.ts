import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { source as axe } from "axe-core";
import { expect } from "chai";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import type { RehearsalResult } from "../../rehearsal/measure/result";
import { rowsOf } from "../../rehearsal/measure/scoreboard";
import type { PageData } from "../../rehearsal/report/data";
import { renderPage } from "../../rehearsal/report/page";
import { interrupted } from "../../rehearsal/report/verdict";
import { openBrowser } from "../../tools/page/browser";
import { rehearseCommand } from "../support/terminal";

const WIDE = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

let folder: string;
let file: string;
let result: RehearsalResult;
let browser: Browser;

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "spotproof-page-"));
  file = path.join(folder, "report.html");
  const json = path.join(folder, "result.json");
  const scenario = ["--scenario", "small-cluster", "--variants", "spotproof,unhandled"];
  const short = ["--days", "0.25", "--seed", "2", "--hazard-scale", "6000"];
  const { code, err } = await rehearseCommand(...scenario, ...short, "--report", file, "--json", json);
  expect(code, err).to.equal(0);
  result = JSON.parse(readFileSync(json, "utf8")) as RehearsalResult;
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

interface Opened {
  readonly page: Page;
  readonly errors: readonly string[];
  readonly requests: readonly string[];
}

async function open(options: BrowserContextOptions = {}, which = file): Promise<Opened> {
  const context = await browser.newContext({ viewport: WIDE, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const errors: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(which).href);
  if (options.javaScriptEnabled !== false) await page.waitForSelector("html[data-ready]", { state: "attached" });
  return { page, errors, requests };
}

const variants = (): string[] => Object.keys(result.variants);
const openWorst = async (page: Page): Promise<void> => page.locator("button.open").first().click();
const shownTime = (page: Page): Promise<string> => page.locator(".shown").innerText();

describe("a page in a browser", () => {
  it("opens without an error, and asks for nothing but itself", async () => {
    const { page, errors, requests } = await open();
    await openWorst(page);
    expect(errors).to.deep.equal([]);
    expect(requests).to.deep.equal([pathToFileURL(file).href]);
  });

  it("has the figures of the JSON in its table and in its verdict", async () => {
    const { page } = await open();
    const texts =
      "[...document.querySelectorAll('.variants tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent))";
    const cells = await page.evaluate<string[][]>(texts);
    const expected = rowsOf(result).map(([label, cell]) => [label.trim(), ...Object.values(result.variants).map(cell)]);
    expect(cells).to.have.length.greaterThan(15);
    for (const row of cells) expect(expected).to.deep.include(row);
    const { requests } = result.variants.spotproof!;
    const of = (requests.served + requests.failed).toLocaleString("en-US");
    const failed = interrupted(result.variants.spotproof!).all.toLocaleString("en-US");
    expect(await page.locator("h1").innerText()).to.contain(`${failed} of ${of} requests failed`);
    const lost = interrupted(result.variants.unhandled!).all;
    expect(lost).to.be.greaterThan(0);
    expect(await page.locator("header").innerText()).to.contain(
      `unhandled lost ${lost.toLocaleString("en-US")} request`,
    );
  });

  it("shows its figures without JavaScript", async () => {
    const { page } = await open({ javaScriptEnabled: false });
    expect(await page.locator(".variants").innerText()).to.contain("Requests failed");
    expect(await page.locator("#app").innerText()).to.contain("need JavaScript");
  });

  it("switches to another variant, and tells what failed there", async () => {
    const { page } = await open();
    await page.getByText("unhandled", { exact: true }).and(page.locator(".switch label")).click();
    const { failed } = result.variants.unhandled!.requests;
    expect(failed).to.be.greaterThan(0);
    const summary = page.locator("figure", { hasText: "Failed requests" }).locator("figcaption p").first();
    expect(await summary.innerText()).to.match(new RegExp(`^${failed.toLocaleString("en-US")}: `));
  });

  it("opens an interruption by keyboard: its steps in order, its seconds, its log lines", async () => {
    const { page } = await open();
    await page.locator("button.open").first().focus();
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.id")).to.equal("interruption-title");
    const steps = await page.locator("#interruption details").first().innerText();
    for (const step of ["interruption notice", "DRAINING", "deregistered", "healthy", "SIGTERM", "exited by itself"])
      expect(steps).to.contain(step);
    expect(await page.locator(".strip rect").count()).to.be.greaterThan(4);
    expect(await page.locator(".lines tbody tr").count()).to.be.greaterThan(10);
    const slider = page.locator("#second");
    await slider.focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    expect(await page.locator(".states").innerText())
      .to.match(/^\+2 s/)
      .and.contain("DRAINING");
    await page.getByRole("button", { name: "Close", exact: true }).click();
    expect(await page.locator("#interruption").isHidden()).to.equal(true);
    expect(await page.evaluate("document.activeElement.className")).to.equal("open");
  });

  it("is passed on with an interruption opened", async () => {
    const { page } = await open();
    await openWorst(page);
    const title = await page.locator("#interruption-title").innerText();
    const other = await page.context().newPage();
    await other.goto(page.url());
    await other.waitForSelector("#interruption-title");
    expect(await other.locator("#interruption-title").innerText()).to.equal(title);
  });

  it("opens an instance that was interrupted by a click on its row", async () => {
    const { page } = await open();
    const plot = page.locator("figure").first().locator(".u-over");
    const box = (await plot.boundingBox())!;
    // Somewhere on the rows there is one: the rows are few, and half of the instances were interrupted.
    for (let y = 4; y < box.height; y += 8) {
      for (const share of [0.2, 0.5, 0.8]) {
        if (await page.locator("#interruption").isHidden()) await plot.click({ position: { x: box.width * share, y } });
      }
    }
    expect(await page.locator("#interruption").isVisible()).to.equal(true);
  });

  it("is zoomed and moved by keyboard, by buttons, by dragging and by the wheel, all charts together", async () => {
    const { page } = await open();
    const whole = await shownTime(page);
    await page.locator("#charts").focus();
    await page.keyboard.press("+");
    await expectOther(page, whole);
    await page.keyboard.press("0");
    await page.locator(".shown", { hasText: whole }).waitFor();
    const over = page.locator("figure").nth(1).locator(".u-over");
    await over.scrollIntoViewIfNeeded();
    const box = (await over.boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.25, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 20, { steps: 4 });
    await page.mouse.up();
    await expectOther(page, whole);
    expect(await shownTime(page)).to.match(/^day 1, 01:(29|30|31).* to day 1, (02:59|03:00)/);
    const dragged = await shownTime(page);
    await page.getByRole("button", { name: "Later" }).click();
    await expectOther(page, dragged);
    const later = await shownTime(page);
    await over.hover();
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -200);
    await page.keyboard.up("Control");
    await expectOther(page, later);
  });

  it("is zoomed by two fingers on a phone", async () => {
    const { page } = await open({ viewport: PHONE, hasTouch: true, isMobile: true });
    const whole = await shownTime(page);
    await page.evaluate(`(() => {
      const over = document.querySelectorAll(".u-over")[1];
      over.setPointerCapture = () => {};
      const { left, top } = over.getBoundingClientRect();
      const finger = (type, pointerId, x) =>
        over.dispatchEvent(new PointerEvent(type, { pointerId, pointerType: "touch", clientX: left + x, clientY: top + 20 }));
      finger("pointerdown", 1, 100);
      finger("pointerdown", 2, 160);
      finger("pointermove", 2, 280);
      finger("pointerup", 1, 100);
      finger("pointerup", 2, 280);
    })()`);
    await expectOther(page, whole);
  });

  it("sorts and filters the interruptions", async () => {
    const { page } = await open();
    const header = page.getByRole("columnheader", { name: "When" });
    await header.getByRole("button").click();
    expect(await header.getAttribute("aria-sort")).to.equal("ascending");
    const first = await page.locator("button.open").first().innerText();
    await header.getByRole("button").click();
    expect(await page.locator("button.open").first().innerText()).not.to.equal(first);
    await page.locator("#filter").fill("no such instance");
    expect(await page.locator(".found").innerText()).to.match(/^0 of 0 interruptions/);
  });

  it("tells a chart in numbers, and again when another time is shown", async () => {
    const { page } = await open();
    const table = page.locator("details.numbers").first();
    await table.locator("summary").click();
    const before = await table.locator("tbody").innerText();
    expect(before).to.contain("day 1, 00:00:00");
    await page.getByRole("button", { name: "Closer" }).click();
    while ((await table.locator("tbody").innerText()) === before) await nextPicture(page);
  });

  it("fits a phone: nothing but tables and strips is scrolled sideways", async () => {
    const { page } = await open({ viewport: PHONE });
    await openWorst(page);
    const widths = await page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]");
    expect((widths as number[])[0]).to.equal((widths as number[])[1]);
  });

  it("moves nothing where the reader wants no motion", async () => {
    const behaviour = "getComputedStyle(document.documentElement).scrollBehavior";
    const calm = await open({ reducedMotion: "reduce" });
    expect(await calm.page.evaluate(behaviour)).to.equal("auto");
    const usual = await open({ reducedMotion: "no-preference" });
    expect(await usual.page.evaluate(behaviour)).to.equal("smooth");
  });

  it("draws its charts in other colours in the dark, and when the light goes out", async () => {
    const { page } = await open({ colorScheme: "light" });
    const picture = (): Promise<unknown> => page.evaluate("document.querySelector('canvas').toDataURL()");
    const light = await picture();
    await page.emulateMedia({ colorScheme: "dark" });
    while ((await picture()) === light) await nextPicture(page);
  });

  for (const [light, device, viewport] of [
    ["light", "a wide window", WIDE],
    ["dark", "a phone", PHONE],
  ] as const) {
    it(`has no fault that axe finds, ${light}, on ${device}, with an interruption and the numbers opened`, async () => {
      const { page } = await open({ colorScheme: light, viewport });
      await openWorst(page);
      await page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))");
      await page.waitForSelector("details.numbers tbody tr");
      await page.evaluate(axe);
      const found = await page.evaluate("axe.run({ resultTypes: ['violations'] })");
      const { violations } = found as { violations: { id: string; nodes: { html: string }[] }[] };
      expect(violations.map(({ id, nodes }) => [id, nodes[0]!.html])).to.deep.equal([]);
    });
  }

  it("shows names from outside as text, whatever they look like", async () => {
    const name = `</script><img src=x onerror="document.title='taken'">`;
    const hostile = path.join(folder, "hostile.html");
    const data: PageData = { result: { ...result, variants: { [name]: result.variants.spotproof! } }, recordings: {} };
    const text = { scenario: name, description: name, command: name, sources: [name], remarks: [name], partly: name };
    writeFileSync(hostile, renderPage(data, text));
    const { page, errors } = await open({}, hostile);
    expect(errors).to.deep.equal([]);
    expect(await page.locator("img").count()).to.equal(0);
    expect(await page.title()).to.contain(name);
    expect(await page.locator("#command").innerText()).to.equal(name);
  });

  it("has every variant that was rehearsed to choose from", async () => {
    const { page } = await open();
    expect(await page.locator(".switch label").allInnerTexts()).to.deep.equal(variants());
  });
});

/** Waits until another time is shown. */
async function expectOther(page: Page, before: string): Promise<void> {
  await page.locator(".shown").filter({ hasNotText: before }).waitFor();
}

/** Mocha ends a wait that has no end. */
const nextPicture = (page: Page): Promise<unknown> => page.evaluate("new Promise(requestAnimationFrame)");
