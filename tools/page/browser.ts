/** A real browser, as it is installed on the machine. */
import { spawnSync } from "node:child_process";
import path from "node:path";
import { chromium, type Browser } from "playwright-core";

/** The path of a Chromium or Chrome; undefined where the machine has none. */
export function findBrowser(): string | undefined {
  const { status, stdout } = spawnSync("bash", [path.join(__dirname, "find.sh")], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

/** @throws Error where there is none */
export function openBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === undefined) {
    throw new Error(
      "no Chromium or Chrome; needed: one on the PATH, or its path in CHROMIUM; install it (Debian: apt-get install chromium)",
    );
  }
  // Root has no sandbox to be in, and what it opens here is ours.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}
