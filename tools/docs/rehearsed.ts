/** Rehearsals for the documents, and the recorded traces that they go through. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { RehearsalResult } from "../../rehearsal/measure/result";

/** What the command prints. */
export function rehearse(args: readonly string[]): string {
  const command = ["-r", "ts-node/register", "rehearsal/main.ts", "--no-report", ...args];
  try {
    return execFileSync(process.execPath, command, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch (error) {
    // 1 says that a law was broken, which the table tells.
    const { status, stdout } = error as { status: number; stdout: string };
    if (status !== 1) throw error;
    return stdout;
  }
}

export function variantsOf(args: readonly string[]): RehearsalResult["variants"] {
  const json = path.join(mkdtempSync(path.join(tmpdir(), "scoreboards-")), "result.json");
  rehearse([...args, "--json", json, "--quiet"]);
  return (JSON.parse(readFileSync(json, "utf8")) as RehearsalResult).variants;
}

/** Recorded traces, how long they are, and the load that goes with them. */
export const RECORDED: readonly (readonly [trace: string, days: number])[] = [
  ["spot/events_asg_g4dn_bamboo.csv", 0.448],
  ["spot/counts_asg_2020-11_bamboo.csv#us-east-1", 3.69],
  ["spot/counts_asg_2020-11_bamboo.csv#us-east-1c", 1.02],
  ["spot/counts_asg_2020-11_bamboo.csv#us-east-1d", 0.528],
  ["spot/counts_asg_2020-11_bamboo.csv#us-east-1e", 0.789],
  ["spot/preempt_1node_2023-04-22_p3_4az.csv", 7.39],
];

/** The flags of a rehearsal through one of them, whose files are in a folder. */
export function through(folder: string, [trace, days]: (typeof RECORDED)[number], loadScale: number): string[] {
  const load = ["--load", path.join(folder, "web/nasa_http_1995-07_per_min.csv"), "--load-scale", String(loadScale)];
  return ["--spot-trace", path.join(folder, trace), "--days", String(days), ...load];
}
