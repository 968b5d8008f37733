import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import Ajv2020 from "ajv/dist/2020";
import { expect } from "chai";
import type { RehearsalResult } from "../../rehearsal/measure/result";
import type { SeedsResult } from "../../rehearsal/measure/seeds";
import { DEFAULT_REPORT } from "../../rehearsal/outputs";
import { SCHEMA_FILE } from "../../rehearsal/measure/schema";
import { bundledScenarios, readScenario } from "../../rehearsal/scenario";
import { rehearseCommand, type Answer } from "../support/terminal";

const PLAIN = "tests/fixtures/plainProgram/index.ts";
const TRACES = "tests/fixtures/traces";

let folder: string;
const file = (name: string): string => path.join(folder, name);

before(() => {
  folder = mkdtempSync(path.join(tmpdir(), "spotproof-cli-"));
});
after(() => rmSync(folder, { recursive: true }));

/** Somebody's own program, which is declared in no time. */
const plain = (...argv: string[]): Promise<Answer> => rehearseCommand("--program", PLAIN, ...argv);

interface Line {
  readonly t: number;
  readonly event: string;
}

const linesOf = (text: string): Line[] =>
  text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);

async function resultOf(...argv: string[]): Promise<RehearsalResult> {
  const json = file("result.json");
  await plain("--quiet", "--json", json, ...argv);
  return JSON.parse(readFileSync(json, "utf8")) as RehearsalResult;
}

async function logOf(...argv: string[]): Promise<string> {
  const log = file("events.ndjson");
  await plain("--quiet", "--log", log, "--days", "0.2", "--hazard-scale", "3000", ...argv);
  return readFileSync(log, "utf8");
}

describe("npm run rehearse", () => {
  let answer: Answer;
  before(async function () {
    this.timeout(60_000);
    const scenario = ["--scenario", "small-cluster", "--variants", "spotproof,unhandled"];
    const short = ["--days", "0.25", "--seed", "2", "--hazard-scale", "3000"];
    answer = await rehearseCommand(...scenario, ...short, "--json", file("out.json"), "--log", file("out.ndjson"));
  });

  it("ends with 0, since the stack held its laws, though a baseline broke them", () => {
    expect(answer.code, answer.out).to.equal(0);
    expect(answer.out).to.match(/unhandled broke a law at \d+(\.\d+)? s, \S+: /);
  });

  it("prints the scoreboard, and under it what it ran on", () => {
    expect(answer.out).to.match(/│\s+│ spotproof\s*│\s*unhandled │/);
    expect(answer.out).to.match(/│ Requests failed\s+│\s+0 │\s+[1-9][\d,]* │/);
    expect(answer.out).to.contain("market: generated, seed 2: 18 pools, interruptions × 3000");
    expect(answer.out).to.contain("load: generated, seed 2: 20 requests/s");
    expect(answer.out).to.contain("prices: shipped table of eu-west-1");
    expect(answer.out).to.match(/^0\.25 simulated days, seed 2, \d+\.\d s$/m);
  });

  it("tells its progress in lines where there is no terminal, apart from the scoreboard", () => {
    const told = answer.err.trim().split("\n");
    expect(told[0]).to.equal("spotproof: deployed");
    expect(told).to.include("spotproof: 100 %").and.include("unhandled: 100 %");
    for (const line of told) expect(line).to.match(/^(spotproof|unhandled): (deployed|\d+ %)$/);
  });

  it("writes a result that keeps to its documented schema", () => {
    const result = JSON.parse(readFileSync(file("out.json"), "utf8")) as RehearsalResult;
    const validate = new Ajv2020().compile(JSON.parse(readFileSync(SCHEMA_FILE, "utf8")) as object);
    expect(validate(result), JSON.stringify(validate.errors)).to.equal(true);
    expect(result).to.include({ schema: "spotproof/rehearsal/1", seed: 2, simulatedSeconds: 21_600 });
    expect(Object.keys(result.variants)).to.deep.equal(["spotproof", "unhandled"]);
  });

  it("tells failures in the result as on the scoreboard, and their causes add up", () => {
    const { variants } = JSON.parse(readFileSync(file("out.json"), "utf8")) as RehearsalResult;
    for (const { requests } of Object.values(variants)) {
      const sum = Object.values(requests.failedBy).reduce((total, count) => total + count, 0);
      expect(requests.failed).to.equal(sum);
      expect(answer.out).to.contain(requests.failed.toLocaleString("en-US"));
    }
  });

  it("writes every event of the stack as a line of JSON, in time order from before the start to the end", () => {
    const lines = linesOf(readFileSync(file("out.ndjson"), "utf8"));
    expect(lines.length).to.be.greaterThan(50);
    lines.slice(1).forEach(({ t }, index) => expect(t).to.be.at.least(lines[index]!.t));
    expect(lines[0]!.t).to.be.lessThan(0);
    expect(lines.at(-1)!.t).to.be.within(0, 21_600_000);
    const events = new Set(lines.map(({ event }) => event));
    expect([...events]).to.include.members(["ec2.Launched", "ec2.InterruptionDecided", "ecs.TaskRunning"]);
    expect([...events]).to.include.members(["elb.Deregistered", "autoScaling.Detached"]);
  });
});

describe("the exit code is", () => {
  it("1 where the first variant breaks a law, which is told with its moment and object", async () => {
    const scenario = ["--scenario", "small-cluster", "--variants", "unhandled"];
    const { code, out } = await rehearseCommand(...scenario, "--days", "0.25", "--seed", "2", "--hazard-scale", "3000");
    expect(code).to.equal(1);
    expect(out).to.match(/unhandled broke a law at \d+(\.\d+)? s, \S+: /);
  });

  it("0 for --help, which names every flag", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...["-r", "ts-node/register", "rehearsal/main.ts", "--help"],
    ]);
    for (const flag of ["--scenario", "--stack", "--program", "--variants", "--days", "--seed", "--spot-trace"]) {
      expect(stdout).to.contain(flag);
    }
    for (const scenario of bundledScenarios()) expect(stdout).to.contain(scenario);
  });

  it("0 for another process, which writes to stdout and stderr as to a terminal", async () => {
    const argv = ["--program", PLAIN, "--days", "0.01", "--seed", "1"];
    const command = ["-r", "ts-node/register", "rehearsal/main.ts", ...argv];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, command);
    expect(stdout).to.contain("Requests served");
    expect(stdout).to.contain(`page to look at: ${DEFAULT_REPORT}`);
    expect(readFileSync(DEFAULT_REPORT, "utf8")).to.contain("npm run rehearse -- --program");
    expect(stderr).to.contain("program: deployed");
  });
});

describe("wrong input ends with 2, says what was given and what is allowed, and writes nothing:", () => {
  const wrong: readonly (readonly [title: string, argv: readonly string[], says: readonly RegExp[]])[] = [
    ["a flag that there isn't", ["--nonsense"], [/--nonsense/]],
    ["an argument that no flag takes", ["prod"], [/prod|too many arguments/]],
    ["text for a number", ["--days", "soon"], [/--days/, /soon/, /a number/]],
    ["a stack that there isn't", ["--stack", "nowhere"], [/nowhere; allowed: dev, prod/, /Pulumi\.nowhere\.yaml/]],
    ["a scenario that there isn't", ["--scenario", "nowhere"], [/nowhere; allowed: .*default, .*, or a YAML file/]],
    [
      "several wrong values, all at once",
      ["--days", "0", "--seed", "1.5", "--load-scale", "-1", "--faults", "many"],
      [/days: 0/, /seed: 1\.5/, /loadScale: -1/, /faults: "many"/],
    ],
    [
      "flags of the world that there aren't, and answers that a flag doesn't have",
      ["--flags", "nonsense=1,deadHostDetectSeconds=7"],
      [/nonsense/, /deadHostDetectSeconds: 7/],
    ],
    [
      "a trace with its file and every line",
      ["--spot-trace", `${TRACES}/wrong.csv`],
      [/wrong\.csv:3: t_s is "soon"/, /wrong\.csv:4: op is "resize"/],
    ],
    ["a trace without the location that it needs", ["--spot-trace", `${TRACES}/counts.csv`], [/2 locations/, /#/]],
    ["a load that is no load", ["--load", `${TRACES}/events.csv`], [/events\.csv:1/, /minute or timestamp/]],
    ["a profile with a field that there isn't", ["--profile", `${TRACES}/../profile.yaml.not`], [/no such file/]],
    ["a program whose folder isn't there", ["--program", "nowhere/index.ts"], [/nowhere/]],
    ["a program that isn't there", ["--program", "nowhere.ts"], [/nowhere\.ts/]],
    [
      "a program without a service",
      ["--program", "tests/fixtures/programWithoutService/index.ts"],
      [/no ECS service on EC2 capacity/, /programWithoutService\/index\.ts/],
    ],
    ["a variant without a name", ["--variants", "spotproof,,unhandled"], [/variants/]],
    ["a log of a variant that isn't rehearsed", ["--log-variant", "nonsense"], [/nonsense/, /spotproof/]],
    ["a number of seeds that there can't be", ["--seeds", "0"], [/--seeds/, /0/, /at least 1/]],
    ["a log of several seeds", ["--seeds", "2", "--log", "events.ndjson"], [/--log: --seeds 2; allowed: one seed/]],
    ["a file that can't be written", ["--log", "nowhere/events.ndjson"], [/nowhere\/events\.ndjson/]],
  ];
  for (const [title, argv, says] of wrong) {
    it(title, async () => {
      const { code, out, err } = await rehearseCommand("--days", "0.01", "--json", file("wrong.json"), ...argv);
      expect(code).to.equal(2);
      for (const each of says) expect(err).to.match(each);
      expect(err, "a stack trace").to.not.match(/^ +at /m);
      expect(out).to.equal("");
      expect(existsSync(file("wrong.json"))).to.equal(false);
    });
  }
});

describe("--program", () => {
  it("rehearses somebody's own program alone, and says what of it is left out", async () => {
    const { code, out, err } = await plain("--days", "0.05");
    expect(code).to.equal(0);
    expect(out).to.match(/│\s+│\s+program │/);
    expect(out).to.contain("not modelled in program: aws:dynamodb/table:Table × 1");
    expect(out).to.contain("prices: shipped table of us-east-1");
    expect(err).to.match(/^program: deployed$/m);
  });

  it("rehearses it beside the baselines that --variants names", async () => {
    const { variants } = await resultOf("--days", "0.02", "--variants", "mine");
    expect(Object.keys(variants)).to.deep.equal(["mine"]);
  });
});

describe("--log", () => {
  it("has the same bytes for the same seed, and others for another", async () => {
    const log = await logOf("--seed", "5");
    expect(linesOf(log).length).to.be.greaterThan(50);
    expect(await logOf("--seed", "5")).to.equal(log);
    expect(await logOf("--seed", "6")).to.not.equal(log);
  });
});

describe("--seeds", () => {
  const argv = ["--days", "0.1", "--hazard-scale", "3000", "--seed", "3", "--seeds", "3"];
  let answer: Answer;
  before(async () => {
    answer = await plain(...argv, "--json", file("seeds.json"), "--profile", "tests/fixtures/profile.yaml");
  });

  it("rehearses with so many seeds, and writes each one's result as if it had been alone", async () => {
    const { schema, results } = JSON.parse(readFileSync(file("seeds.json"), "utf8")) as SeedsResult;
    expect(schema).to.equal("spotproof/rehearsals/1");
    expect(results.map(({ seed }) => seed)).to.deep.equal([3, 4, 5]);
    const validate = new Ajv2020().compile(JSON.parse(readFileSync(SCHEMA_FILE, "utf8")) as object);
    for (const result of results) expect(validate(result), JSON.stringify(validate.errors)).to.equal(true);
    const one = [...argv.slice(0, 4), "--seed", "4", "--profile", "tests/fixtures/profile.yaml"];
    expect(results[1]!.variants).to.deep.equal((await resultOf(...one)).variants);
  });

  it("prints one table, with the sum and the worst of what was lost", () => {
    const { results } = JSON.parse(readFileSync(file("seeds.json"), "utf8")) as SeedsResult;
    const lost = results.map(({ variants }) => variants.program!.requests.failed);
    const sum = lost.reduce((total, count) => total + count, 0);
    expect(sum).to.be.greaterThan(0);
    const cell = `${sum.toLocaleString("en-US")} (${Math.max(...lost).toLocaleString("en-US")})`;
    const line = answer.out.split("\n").find((each) => each.includes("Requests failed"));
    expect(line).to.contain(`│ ${cell.padStart(8)} │`);
    expect(answer.out).to.match(/^3 × 0\.1 simulated days, seeds 3 to 5, /m);
    expect(answer.err).to.match(/^program, seed 5: deployed$/m);
  });

  it("ends as the worst of them does", () => {
    const { results } = JSON.parse(readFileSync(file("seeds.json"), "utf8")) as SeedsResult;
    const broke = results.some(({ variants }) => variants.program!.lawsBroken.length > 0);
    expect(answer.code).to.equal(broke ? 1 : 0);
  });
});

describe("a scenario's variants", () => {
  it("may each have changes to the profile, and deployments of their own", async () => {
    writeFileSync(
      file("scenario.yaml"),
      [
        `program: ${path.resolve(PLAIN)}`,
        "days: 0.05",
        "seed: 1",
        "hazardScale: 0.001",
        "profile: {requestSeconds: 0.5}",
        "deployments: [{atHours: 0.2}]",
        "variants:",
        "  - as it is",
        "  - {name: slow, profile: {concurrency: 1}, deployments: []}",
        "  - {name: sent again, profile: {concurrency: 1, clientRetries: {attempts: 9, backoffSeconds: 1, of: [5xx]}}}",
      ].join("\n"),
    );
    await rehearseCommand("--scenario", file("scenario.yaml"), "--quiet", "--json", file("variants.json"));
    const { variants } = JSON.parse(readFileSync(file("variants.json"), "utf8")) as RehearsalResult;
    const { "as it is": plainly, slow, "sent again": again } = variants;
    expect([plainly, slow, again].map((each) => each!.deployments.completed)).to.deep.equal([1, 0, 1]);
    expect(plainly!.requests.failed).to.equal(0);
    expect(slow!.requests.failedBy.overload).to.be.greaterThan(1000);
    expect(again!.requests.retried).to.be.greaterThan(1000);
  });

  it("are refused with what is wrong with them", async () => {
    writeFileSync(
      file("wrong.yaml"),
      "deployments: [{atHours: soon}]\nvariants: [{name: a, profile: {protects: 1}}]\n",
    );
    const { code, err } = await rehearseCommand("--scenario", file("wrong.yaml"));
    expect(code).to.equal(2);
    expect(err).to.match(/deployments\.0\.atHours: "soon"; allowed: a list of \{atHours, fails\}/);
    expect(err).to.match(
      /variants\.0.*allowed: a list of names, or of \{name, program, config, profile, deployments, newAmiAtHours, turnedOffAtHours\}/,
    );
  });
});

describe("a remark under the scoreboard", () => {
  it("says where requests take longer than an interruption's notice", async () => {
    writeFileSync(file("long.yaml"), "longRequests: {share: 0.01, minSeconds: 60, maxSeconds: 600}\n");
    const { out } = await plain("--days", "0.01", "--profile", file("long.yaml"));
    expect(out).to.match(/^program: \d+(\.\d)? % of the long requests take longer than the 120 s /m);
  });
});

describe("--quiet", () => {
  it("leaves everything to the files", async () => {
    const { code, out, err } = await plain("--quiet", "--days", "0.01");
    expect({ code, out, err }).to.deep.equal({ code: 0, out: "", err: "" });
  });
});

describe("--stack", () => {
  it("dev makes its own VPC, and runs", async () => {
    const { code, out } = await rehearseCommand("--stack", "dev", "--variants", "spotproof", "--days", "0.05");
    expect(code, out).to.equal(0);
    expect(out).to.match(/│ Requests failed\s+│\s+0 │/);
  });
});

describe("--spot-trace", () => {
  const formats: readonly (readonly [name: string, trace: string, lost: number])[] = [
    ["events", "events.csv", 2],
    ["counts of one location", "counts.csv#us-east-1d", 3],
    ["availability by zone", "availability.csv", 2],
  ];
  for (const [name, trace, lost] of formats) {
    it(`takes ${name}, and takes as many instances as it says`, async () => {
      const argv = ["--days", "0.08", "--faults", "none", "--spot-trace", `${TRACES}/${trace}`];
      const { interruptions } = (await resultOf(...argv)).variants.program!;
      expect(interruptions.instancesLost).to.equal(lost);
    });
  }
});

describe("the load", () => {
  it("is the file's, over and over, times its scale", async () => {
    const argv = ["--days", "0.0625", "--load", `${TRACES}/load.csv`, "--load-scale", "0.5", "--hazard-scale", "0.001"];
    const { requests } = (await resultOf(...argv)).variants.program!;
    expect(requests.served + requests.failed).to.equal((30 * 18_000) / 2);
  });

  it("meets the container that the profile describes", async () => {
    const argv = ["--days", "0.08", "--spot-trace", `${TRACES}/events.csv`];
    const finishes = (await resultOf(...argv)).variants.program!;
    const exits = (await resultOf(...argv, "--profile", "tests/fixtures/profile.yaml")).variants.program!;
    expect(finishes.requests.failedBy.killedInFlight).to.equal(0);
    expect(exits.tasks.started).to.equal(finishes.tasks.started);
  });
});

describe("--flags", () => {
  it("all rehearses every answer to what AWS leaves open, each a column", async () => {
    const { variants } = await resultOf("--days", "0.02", "--flags", "all");
    const names = Object.keys(variants);
    expect(names[0]).to.equal("program");
    expect(names).to.include.members([
      "program [ecsReRegistersSeconds=null]",
      "program [stopTaskDeregistersFirst=true]",
      "program [deadHostDetectSeconds=900]",
    ]);
  });

  it("name=value gives one answer to the same columns", async () => {
    const { variants } = await resultOf("--days", "0.02", "--flags", "ecsReRegistersSeconds=null");
    expect(Object.keys(variants)).to.deep.equal(["program"]);
  });
});

describe("a bundled scenario", () => {
  it("is there by default", () => {
    expect(bundledScenarios()).to.include("default");
  });

  for (const name of bundledScenarios()) {
    it(`reads, says what it shows, and names what is there: ${name}`, () => {
      const { description, program, stack, variants, spotTrace, load, prices } = readScenario(name);
      expect(description).to.match(/\w{3}/);
      expect(existsSync(program), program).to.equal(true);
      expect(existsSync(path.join(path.dirname(program), `Pulumi.${stack}.yaml`)), stack).to.equal(true);
      for (const variant of variants) {
        const own = typeof variant === "string" ? undefined : variant.program;
        if (own !== undefined) expect(existsSync(own), own).to.equal(true);
      }
      for (const input of [spotTrace, load, ...prices]) {
        if (input !== undefined) expect(existsSync(input.replace(/#.*/, "")), input).to.equal(true);
      }
    });
  }
});

describe("the page of a rehearsal", () => {
  const page = (...argv: string[]): Promise<Answer> => plain("--days", "0.1", "--hazard-scale", "3000", ...argv);

  it("is written where --report says, and told; it names its scenario and its command", async () => {
    const report = file("page.html");
    const { out } = await page("--report", report, "--seed", "3");
    expect(out).to.contain(`page to look at: ${report}`);
    const written = readFileSync(report, "utf8");
    expect(written).to.contain("npm run rehearse -- --program").and.contain("--seed 3");
    expect(written).not.to.contain(`--report ${report}`);
  });

  it("is left out with --no-report", async () => {
    const { out } = await page("--no-report");
    expect(out).not.to.contain("page to look at");
  });

  it("is that of the first seed where there are several, and says so", async () => {
    const report = file("seeds.html");
    await page("--report", report, "--seeds", "2", "--seed", "5", "--quiet");
    expect(readFileSync(report, "utf8")).to.contain("Seed 5, the first of 2 that were rehearsed.");
  });

  it("can't be written into a folder that isn't there", async () => {
    const { code, err } = await page("--report", file("nowhere/page.html"));
    expect(code).to.equal(2);
    expect(err).to.contain("--report").and.contain("make the folder, or name another file");
  });
});
