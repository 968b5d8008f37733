import { expect } from "chai";
import { readLock, readPackage, readText } from "./project";

/** Licences that let anyone use, change and pass on the code, as SPDX names them. */
const PERMISSIVE = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "CC-BY-3.0",
  "CC-BY-4.0",
  "ISC",
  "MIT",
  "MIT-0",
  "PSF-2.0",
  "Python-2.0",
  "Unlicense",
  "Zlib",
]);

/** Packages whose package.json doesn't name the licence that their LICENSE file has. */
const READ_BY_HAND: Readonly<Record<string, string>> = { "@logdna/tail-file": "MIT" };

/** What only tests run, as it is: nothing of it is deployed, published or in what a rehearsal writes. */
const FOR_TESTS: Readonly<Record<string, string>> = { "axe-core": "MPL-2.0" };

function isPermissive(expression: string): boolean {
  const alternatives = expression.replace(/[()]/g, "").split(" OR ");
  return alternatives.some((all) => all.split(" AND ").every((licence) => PERMISSIVE.has(licence)));
}

describe("the package", () => {
  it("is locked as package.json declares it", () => {
    const { name, version, license, dependencies, devDependencies } = readPackage();
    expect(readLock()[""]).to.deep.include({ name, version, license, dependencies, devDependencies });
  });

  it("is locked without naming a registry, so that it installs from any", () => {
    const named = Object.entries(readLock()).filter(([, { resolved }]) => resolved !== undefined);
    expect(named.map(([path]) => path)).to.be.empty;
  });

  it("depends on permissive licences only, but for what only tests run", () => {
    const others = Object.entries(readLock())
      .map(([path, { license }]) => ({ name: path.replace(/^.*node_modules\//, ""), license: license ?? "none" }))
      .filter(({ name, license }) => FOR_TESTS[name] !== license)
      .filter(({ name, license }) => !isPermissive(READ_BY_HAND[name] ?? license));
    expect(others).to.be.empty;
  });

  it("has the licence that it names", () => {
    expect(readPackage().license).to.equal("Apache-2.0");
    expect(readText("LICENSE")).to.match(/^\s*Apache License\s+Version 2\.0, January 2004/);
  });
});
