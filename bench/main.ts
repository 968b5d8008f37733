/**
 * `npm run bench`: figures and ratios, nothing that fails. Figures depend on the machine; ratios, taken within one run, hardly do.
 * Names of benchmarks as arguments run only those: `npm run bench -- fleet`.
 */
import { benchConsumer } from "./consumer";
import { benchDeclaring } from "./declaring";
import { benchDrainHandler } from "./drainHandler";
import { benchFleet } from "./fleet";
import { benchMonth } from "./month";
import { benchPage } from "./page";
import { benchPolicies } from "./policies";
import { benchRebalance } from "./rebalance";
import { benchScaleIn } from "./scaleIn";

const BENCHMARKS: Readonly<Record<string, (print: (line: string) => void) => Promise<unknown>>> = {
  declaring: benchDeclaring,
  month: benchMonth,
  page: benchPage,
  fleet: benchFleet,
  drainHandler: benchDrainHandler,
  scaleIn: benchScaleIn,
  rebalance: benchRebalance,
  policies: benchPolicies,
  consumer: benchConsumer,
};

async function main(): Promise<void> {
  const asked = process.argv.slice(2);
  const unknown = asked.filter((name) => !Object.hasOwn(BENCHMARKS, name));
  if (unknown.length > 0) {
    console.error(`${unknown.join(", ")}: no such benchmark; there are ${Object.keys(BENCHMARKS).join(", ")}`);
    process.exitCode = 2;
    return;
  }
  for (const [name, bench] of Object.entries(BENCHMARKS)) {
    if (asked.length === 0 || asked.includes(name)) await bench((line) => console.log(line));
  }
}

void main();
