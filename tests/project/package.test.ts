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

  it("depends on permissive licences only", () => {
    const others = Object.entries(readLock())
      .map(([path, { license }]) => ({ name: path.replace(/^.*node_modules\//, ""), license: license ?? "none" }))
      .filter(({ name, license }) => !isPermissive(READ_BY_HAND[name] ?? license));
    expect(others).to.be.empty;
  });

  it("has the licence that it names", () => {
    expect(readPackage().license).to.equal("Apache-2.0");
    expect(readText("LICENSE")).to.match(/^\s*Apache License\s+Version 2\.0, January 2004/);
  });
});
