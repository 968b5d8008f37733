import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { FILE, known, read, script } from "./read";

const SCRIPT = script(`echo ECS_A=1 >> ${FILE}`);
const A = ["ECS_A", "1"] as const;

function base64(text: string | Buffer): string {
  return Buffer.from(text).toString("base64");
}

/** A message of these parts, each with its headers. */
function mime(...parts: readonly string[]): string {
  return [
    'Content-Type: multipart/mixed; boundary="==B=="',
    "MIME-Version: 1.0",
    "",
    ...parts.flatMap((part) => ["--==B==", part]),
    "--==B==--",
    "",
  ].join("\n");
}

function part(type: string, text: string, ...headers: readonly string[]): string {
  return [`Content-Type: ${type}; charset="us-ascii"`, "MIME-Version: 1.0", ...headers, "", text].join("\n");
}

function appends(line: string): string {
  return script(`echo ${line} >> ${FILE}`);
}

describe("user data", () => {
  const FORMS: Readonly<Record<string, string>> = {
    "plain text": SCRIPT,
    base64: base64(SCRIPT),
    "base64 in lines": base64(SCRIPT).replace(/.{20}/g, "$&\n"),
    "gzip in base64": base64(gzipSync(SCRIPT)),
    "DOS line ends": SCRIPT.replaceAll("\n", "\r\n"),
    "a script for sh": SCRIPT.replace("/bin/bash", "/bin/sh -ex"),
    "a script for what env finds": SCRIPT.replace("/bin/bash", "/usr/bin/env bash"),
    "a boothook": `#cloud-boothook\n${SCRIPT}`,
    "a boothook that runs once": `#cloud-boothook\ncloud-init-per once agent echo ECS_A=1 >> ${FILE}\n`,
    "MIME with one part": mime(part("text/x-shellscript", SCRIPT)),
    "MIME with a script that doesn't name its shell": mime(part("text/x-shellscript", `echo ECS_A=1 >> ${FILE}`)),
    "MIME with a plain part that begins as a script": mime(part("text/plain", SCRIPT)),
    "MIME with DOS line ends": mime(part("text/x-shellscript", SCRIPT)).replaceAll("\n", "\r\n"),
    "MIME in base64": base64(mime(part("text/x-shellscript", SCRIPT))),
    "MIME in gzip": base64(gzipSync(mime(part("text/x-shellscript", SCRIPT)))),
    "a part in base64": mime(part("text/x-shellscript", base64(SCRIPT), "Content-Transfer-Encoding: base64")),
    "a part in gzip": mime(part("application/gzip", base64(gzipSync(SCRIPT)), "Content-Transfer-Encoding: base64")),
    "a quoted-printable part": mime(
      part(
        "text/x-shellscript",
        SCRIPT.replaceAll("=", "=3D").replace("echo", "ec=\nho"),
        "Content-Transfer-Encoding: quoted-printable",
      ),
    ),
    "a message in a message": mime(
      mime(part("text/x-shellscript", SCRIPT)).replaceAll("==B==", "inner").replace('"inner"', "inner"),
    ),
    "MIME without its last line": mime(part("text/x-shellscript", SCRIPT)).replace("--==B==--\n", ""),
    "a cloud-config with runcmd": `#cloud-config\nruncmd:\n  - echo ECS_A=1 >> ${FILE}\n`,
    "a cloud-config with bootcmd": `#cloud-config\nbootcmd:\n  - echo ECS_A=1 >> ${FILE}\n`,
    "a cloud-config with words": `#cloud-config\nruncmd:\n  - [sh, -c, "echo ECS_A=1 >> ${FILE}"]\n`,
    "a variable that spans runcmd's lines": `#cloud-config\nruncmd:\n  - a=1\n  - echo ECS_A=$a >> ${FILE}\n`,
    "a cloud-config with a block": `#cloud-config\nruncmd:\n  - |\n    cat > ${FILE} <<EOF\n    ECS_A=1\n    EOF\n`,
    "a cloud-config that writes": `#cloud-config\nwrite_files:\n  - path: ${FILE}\n    permissions: "0600"\n    content: |\n      ECS_A=1\n`,
    "a file in base64": `#cloud-config\nwrite_files:\n  - {path: ${FILE}, encoding: b64, content: ${base64("ECS_A=1\n")}}\n`,
    "a file in gzip and base64": `#cloud-config\nwrite_files:\n  - {path: ${FILE}, encoding: gz+b64, content: ${base64(gzipSync("ECS_A=1\n"))}}\n`,
    "a file in binary gzip": `#cloud-config\nwrite_files:\n  - {path: ${FILE}, encoding: gzip, content: !!binary ${base64(gzipSync("ECS_A=1\n"))}}\n`,
    "an appended file": `#cloud-config\nwrite_files:\n  - {path: ${FILE}, content: "ECS_A="}\n  - {path: ${FILE}, content: "1\\n", append: true}\n`,
    "a file that a command copies": `#cloud-config\nruncmd: [[cp, /tmp/x, ${FILE}]]\nwrite_files: [{path: /tmp/x, content: "ECS_A=1\\n"}]\n`,
    "an archive": `#cloud-config-archive\n- type: text/x-shellscript\n  content: |\n    #!/bin/bash\n    echo ECS_A=1 >> ${FILE}\n- "#cloud-config\\n{}"\n`,
  };
  for (const [form, userData] of Object.entries(FORMS)) {
    it(`is read as ${form}`, () => {
      expect(read(userData)).to.deep.equal(known(A));
    });
  }

  it("runs in cloud-init's order: boothook, bootcmd, write_files, scripts by file name, runcmd", () => {
    const config = [
      "#cloud-config",
      `runcmd: ["echo ECS_LAST=runcmd >> ${FILE}"]`,
      `write_files: [{path: ${FILE}, append: true, content: "ECS_LAST=file\\nECS_FILE=1\\n"}]`,
      `bootcmd: ["echo ECS_LAST=boot >> ${FILE}", "grep -q hook ${FILE} && echo ECS_BOOT=afterHook >> ${FILE}"]`,
    ].join("\n");
    const second = script(
      `grep -q ECS_FILE ${FILE} && echo ECS_SCRIPT=afterFile >> ${FILE}`,
      `echo ECS_LAST=script >> ${FILE}`,
    );
    const userData = mime(
      part("text/x-shellscript", second),
      part("text/cloud-config", config),
      part("text/cloud-boothook", `#cloud-boothook\n#!/bin/sh\necho ECS_LAST=hook >> ${FILE}\n`),
    );
    expect(read(userData)).to.deep.equal(
      known(["ECS_LAST", "runcmd"], ["ECS_BOOT", "afterHook"], ["ECS_FILE", "1"], ["ECS_SCRIPT", "afterFile"]),
    );
  });

  it("runs scripts in the order of their file names", () => {
    const named = (name: string) =>
      part("text/x-shellscript", appends(`ECS_LAST=${name}`), `Content-Disposition: attachment; filename="${name}"`);
    expect(read(mime(named("20-b.sh"), named("10-a.sh")))).to.deep.equal(known(["ECS_LAST", "20-b.sh"]));
    expect(
      read(mime(named("zz.sh"), part("text/cloud-config", `runcmd: ["echo ECS_LAST=runcmd >> ${FILE}"]`))),
    ).to.deep.equal(known(["ECS_LAST", "zz.sh"]));
  });

  it("takes the last of several cloud-configs for a key, or all where it is told to append", () => {
    const config = (line: string, ...more: string[]) =>
      ["#cloud-config", `runcmd: ["echo ${line} >> ${FILE}"]`, ...more].join("\n");
    const first = part("text/cloud-config", config("ECS_A=1"));
    expect(read(mime(first, part("text/cloud-config", config("ECS_B=2"))))).to.deep.equal(known(["ECS_B", "2"]));
    for (const append of [
      "merge_how: list(append)+dict(recurse_array)+str()",
      "merge_type: [{name: list, settings: [append]}]",
    ]) {
      const second = part("text/cloud-config", config("ECS_B=2", append));
      expect(read(mime(first, second)), append).to.deep.equal(known(A, ["ECS_B", "2"]));
    }
    const byHeader = part("text/cloud-config", config("ECS_B=2"), "Merge-Type: list(append)");
    expect(read(mime(first, byHeader))).to.deep.equal(known(A, ["ECS_B", "2"]));
  });

  it("names the part and the line of what can't be read", () => {
    const userData = mime(
      part("text/x-shellscript", SCRIPT),
      part("text/x-shellscript", script("", "source /opt/x.sh")),
      part("text/x-include-url", "https://example.com/user-data"),
      part("text/cloud-config", "#cloud-config\nruncmd:\n  - ls\n  - [/opt/bootstrap, now]\n"),
    );
    expect(read(userData).unread).to.deep.equal([
      "part 2, line 3: `source /opt/x.sh`",
      "runcmd 2: `'/opt/bootstrap' 'now'`",
      "part 3, which begins with `https://example.com/user-data` (text/x-include-url)",
    ]);
  });

  const UNREAD: readonly (readonly [string, string])[] = [
    [
      "#cloud-config\nruncmd: [\n",
      "the cloud-config, which is no cloud-config (Flow sequence in block collection must be sufficiently indented and end with a ] at line 3, column 1:)",
    ],
    ["#cloud-config\n- a list\n", "the cloud-config, which is no cloud-config (it is no mapping)"],
    ["#cloud-config\nruncmd:\n  - {a: 1}\n", "runcmd: an item that is neither a text nor a list of texts"],
    ["#cloud-config\nansible:\n  pull: {url: https://example.com}\n", "`ansible` of the cloud-config"],
    [
      `#cloud-config\nwrite_files:\n  - {path: ${FILE}, source: {uri: https://example.com/x}}\n`,
      `write_files 1: ${FILE}`,
    ],
  ];
  for (const [userData, reason] of UNREAD) {
    it(`says what can't be read of ${JSON.stringify(userData.slice(14, 60))}`, () => {
      expect(read(userData)).to.deep.equal({ settings: {}, unread: [reason] });
    });
  }
});
