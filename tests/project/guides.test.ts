import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { pulumiCommands, pulumiProblems } from "./pulumiCli";
import { projectFiles, readText, ROOT } from "./project";

const GUIDES = projectFiles().filter((path) => /^(README\.md|docs\/[^/]+\.md)$/.test(path));

/** The bodies of the fences of a language. */
function fences(markdown: string, language: string): string[] {
  const bodies = [...markdown.matchAll(/^ *```(\w*)\n([\s\S]*?)^ *```/gm)];
  return bodies.filter(([, given]) => given === language).map(([, , body = ""]) => body);
}

/** As GitHub makes an anchor from a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

const anchorsOf = (path: string): string[] =>
  [...readText(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));

/** Links inside the project that lead nowhere. */
function brokenLinks(path: string): string[] {
  const links = [...readText(path).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  return links.filter((link) => {
    if (/^\w+:/.test(link)) return false;
    const [file = "", anchor] = link.split("#");
    const target = file === "" ? path : join(dirname(path), file);
    return !existsSync(join(ROOT, target)) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
  });
}

describe("the guides", () => {
  for (const path of GUIDES) {
    it(`give only Pulumi commands, flags, keys and outputs that exist: ${path}`, () => {
      expect(fences(readText(path), "sh").flatMap(pulumiProblems)).to.be.empty;
    });

    it(`link only to what is there: ${path}`, () => {
      expect(brokenLinks(path)).to.be.empty;
    });
  }

  it("have JSON that is JSON", () => {
    for (const path of GUIDES) {
      for (const body of fences(readText(path), "json")) expect(() => JSON.parse(body) as unknown, path).not.to.throw();
    }
  });

  it("lead from the deploy guide through every step to the end", () => {
    const commands = fences(readText("docs/deploy.md"), "sh").flatMap(pulumiCommands);
    const verbs = commands.map((words) => words.slice(0, 2).join(" "));
    const steps = ["stack init", "config set", "preview", "up", "stack output", "destroy", "stack rm"];
    const places = steps.map((step) => verbs.findIndex((verb) => verb === step || verb.startsWith(`${step} `)));
    expect(places, "every step is there").not.to.include(-1);
    expect(places, "in this order").to.deep.equal([...places].sort((a, b) => a - b));
  });

  it("catch what does not exist", () => {
    expect(pulumiProblems("pulumi up --skip-previews")).to.deep.equal(["pulumi up: --skip-previews"]);
    expect(pulumiProblems("pulumi deployment settings push")).to.have.lengthOf(1);
    expect(pulumiProblems("pulumi config set --secret certificateArm x")).to.deep.equal([
      "pulumi config set: certificateArm",
    ]);
    expect(pulumiProblems('curl "$(pulumi stack output uri)"')).to.deep.equal(["pulumi stack output: uri"]);
    expect(pulumiProblems('pulumi up \\\n  --yes --stack "$A" 2>&1 | tee x')).to.be.empty;
  });

  it("have every argument of a worker tier, of its queues and of their scaling in a table", () => {
    const told = [...readText("docs/workers.md").matchAll(/^\| (`\w+`(?:, `\w+`)*) +\|/gm)]
      .flatMap(([, names = ""]) => names.split(", "))
      .map((name) => name.replaceAll("`", ""));
    const args = {
      "components/sqsWorkerTierArgs.ts": "SqsWorkerTierArgs",
      "components/worker/workerQueueArgs.ts": "WorkerQueueArgs",
      "components/scaling/workerScalingArgs.ts": "WorkerScaling",
    };
    const declared = Object.entries(args).flatMap(([file, name]) => propertiesOf(readText(file), name));
    expect(declared).to.have.length.above(30);
    expect(declared.filter((name) => !told.includes(name))).to.deep.equal([]);
  });
});

/** Names of the properties that an interface declares itself. */
function propertiesOf(text: string, name: string): string[] {
  const [body = ""] = text.slice(text.search(new RegExp(`^export interface ${name}\\b`, "m"))).split(/^}/m);
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??:/gm)].map(([, property = ""]) => property);
}
