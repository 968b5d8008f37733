import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { makePythonEnvironment, PythonMissing } from "../../tools/wire/pythonEnvironment";
import { ROOT } from "../project/project";

describe("the wire tests' Python environment", () => {
  let folder: string;
  let variables: NodeJS.ProcessEnv;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "spotproof-setup-"));
    variables = { PATH: folder, XDG_CACHE_HOME: join(folder, "cache"), HOME: folder };
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Makes this script the machine's only Python. */
  function install(script: string): void {
    writeFileSync(join(folder, "python3"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, "python3"), 0o755);
  }

  const make = (): void => makePythonEnvironment(variables, () => undefined);

  it("can't be made without Python: says what to install, with the exit code of a missing tool", () => {
    const args = ["-r", "ts-node/register", join(ROOT, "tools/wire/setup.ts")];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, env: variables, encoding: "utf8" });
    expect(status).to.equal(69);
    expect(stderr).to.match(/^The wire tests need Python 3\.10 or later .*python3: .*ENOENT.*Install it \(python3 /);
  });

  it("can't be made with a Python that is too old", () => {
    install("echo 3 9 18");
    expect(make).to.throw(PythonMissing, "python3: version 3.9.18");
  });

  it("can't be made with a Python that lacks the module", () => {
    install(`echo "ModuleNotFoundError: No module named 'ensurepip'" >&2; exit 1`);
    expect(make).to.throw(PythonMissing, "python3: ModuleNotFoundError: No module named 'ensurepip'");
  });

  it("fails where making it fails, and leaves nothing half made", () => {
    install('case "$1" in -c) echo 3 12 1 ;; *) exit 3 ;; esac');
    expect(make)
      .to.throw(/^python3 -m venv .* failed \(exit code 3\)/)
      .and.not.be.instanceOf(PythonMissing);
    expect(readdirSync(join(folder, "cache/spotproof"))).to.be.empty;
  });

  it("is made once", () => {
    install(`case "$1" in
      -c) echo 3 12 1 ;;
      *) echo made >>"${folder}/made"; /bin/mkdir -p "$3/bin"; printf '#!/bin/sh\\n' >"$3/bin/python"; /bin/chmod 755 "$3/bin/python" ;;
    esac`);
    make();
    make();
    expect(existsSync(join(folder, "made"))).to.equal(true);
    expect(readdirSync(join(folder, "cache/spotproof"))).to.have.lengthOf(1);
  });
});
