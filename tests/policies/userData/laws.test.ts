import { expect } from "chai";
import fc from "fast-check";
import { readAgentSettings } from "../../../policies/userData/agentSettings";
import { FILE, known, read, script } from "./read";
import { compositions, noise, settings, single, WRAPPINGS, wrappings, WRITERS, writers } from "./ways";

type Composition = typeof compositions extends fc.Arbitrary<infer T> ? T : never;

function linesOf(composition: Composition): string[] {
  return composition.flatMap(([some, writer, other]) => [...WRITERS[writer]!(some), other]);
}

/** The last one of each name. */
function expected(composition: Composition) {
  return known(...new Map(composition.flatMap(([some]) => some)));
}

/** Nothing but the reader's own words: no error that escaped from it. */
function expectBounded(userData: string): void {
  for (const reason of readAgentSettings(userData).unread) expect(reason).not.to.match(/^the user data \(/);
}

describe("the laws of reading user data", () => {
  it("gives back what any way of writing in any wrapping has written, the last of a name", () => {
    fc.assert(
      fc.property(compositions, wrappings, (composition, wrapping) => {
        expect(read(WRAPPINGS[wrapping]!(linesOf(composition)))).to.deep.equal(expected(composition));
      }),
      { numRuns: 400 },
    );
  });

  for (const writer of Object.keys(WRITERS)) {
    it(`gives back what is written by ${writer}`, () => {
      fc.assert(
        fc.property(settings, (some) => {
          expect(read(script(...WRITERS[writer]!(some)))).to.deep.equal(expected([[some, writer, ""]]));
        }),
        { numRuns: 60 },
      );
    });
  }

  it("isn't changed by lines that are commented out", () => {
    fc.assert(
      fc.property(compositions, settings, writers, fc.nat(), (composition, others, writer, at) => {
        const lines = composition.map(([some, way]) => WRITERS[way]!(some).join("\n"));
        const comment = WRITERS[writer]!(others).map((line) => `# ${line.replaceAll("\n", "\n# ")}`);
        const where = at % (lines.length + 1);
        const inFile = others.map(([name, value]) => `echo ${single(`#${name}=${value}`)} >> ${FILE}`);
        const with_ = [...lines.slice(0, where), ...comment, ...inFile, ...lines.slice(where)];
        expect(read(script(...with_))).to.deep.equal(read(script(...lines)));
      }),
    );
  });

  it("never knows what an unknown variable is part of", () => {
    const unknown = fc.constantFrom(
      "$UNKNOWN",
      "${UNKNOWN}",
      "x${UNKNOWN}",
      "${UNKNOWN%s}",
      "$(hostname)",
      "`uname -r`s",
      "$((UNKNOWN + 1))s",
    );
    const writings: readonly ((name: string, value: string) => string[])[] = [
      (name, value) => [`echo "${name}=${value}" >> ${FILE}`],
      (name, value) => [`echo ${name}=${value} | sudo tee -a ${FILE}`],
      (name, value) => [`cat >> ${FILE} <<EOF`, `${name}=${value}`, "EOF"],
      (name, value) => [`printf '%s=%s\\n' ${name} "${value}" >> ${FILE}`],
      (name, value) => [`value="${value}"`, `{ echo "${name}=$value"; } >> ${FILE}`],
      (name, value) => [`${name}="${value}" bash -c 'echo "${name}=$${name}" >> ${FILE}'`],
      (name, value) => [`echo ${name}=1 >> ${FILE}`, `sed -i "s|^${name}=.*|${name}=${value}|" ${FILE}`],
      (name, value) => [`sudo bash -c "echo ${name}=${value} >> ${FILE}"`],
    ];
    fc.assert(
      fc.property(
        compositions,
        unknown,
        fc.constantFrom(...writings),
        wrappings,
        (composition, value, write, wrapping) => {
          const userData = WRAPPINGS[wrapping]!([...linesOf(composition), ...write("ECS_CLUSTER", value)]);
          const { settings: found } = readAgentSettings(userData);
          expect(found.get("ECS_CLUSTER")?.kind).to.equal("undecided");
        },
      ),
      { numRuns: 300 },
    );
  });

  it("never knows what depends on a condition that it can't know, unless all branches agree", () => {
    const conditions = fc.constantFrom(
      "[ -f /opt/x ]",
      "systemctl is-active x",
      '[ "$REGION" = eu-west-1 ]',
      "grep -q x /etc/hosts",
      "[[ $(uname -m) == x* ]]",
    );
    fc.assert(
      fc.property(compositions, settings, settings, conditions, (composition, one, other, condition) => {
        const [first, second] = [one, other].map((some) => WRITERS.echo!(some));
        const lines = [...linesOf(composition), `if ${condition}; then`, ...first!, "else", ...second!, "fi"];
        const { settings: found } = readAgentSettings(script(...lines));
        const before = new Map(composition.flatMap(([some]) => some));
        const branches = [one, other].map((some) => new Map([...before, ...some]));
        for (const name of new Set(branches.flatMap((branch) => [...branch.keys()]))) {
          const [here, there] = branches.map((branch) => branch.get(name));
          const setting = found.get(name);
          if (here === there) expect(setting, name).to.deep.equal({ kind: "known", value: here });
          else expect(setting?.kind, name).to.equal("undecided");
        }
      }),
    );
  });

  it("ends without an error on any text", () => {
    fc.assert(fc.property(fc.string({ maxLength: 300 }), expectBounded));
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => expectBounded(`#!/bin/bash\n${text}`)),
    );
    const starts = fc.constantFrom(
      "#cloud-config\n",
      "[settings.ecs]\n",
      "#cloud-config-archive\n",
      "#cloud-boothook\n",
      "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n",
    );
    fc.assert(
      fc.property(starts, fc.string({ maxLength: 200 }), (start, text) => expectBounded(start + text)),
      // An alias of nothing.
      { examples: [["#cloud-config-archive\n", "*"]] },
    );
  });

  it("ends without an error on any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, isGzip) => {
        expectBounded(Buffer.from(isGzip ? [0x1f, 0x8b, 8, ...bytes] : bytes).toString("base64"));
      }),
    );
  });

  it("ends without an error on any words of a shell", () => {
    const words = fc.constantFrom(
      ...[
        "if",
        "then",
        "fi",
        "else",
        "for",
        "x",
        "in",
        "do",
        "done",
        "while",
        "case",
        "esac",
        "|",
        "||",
        "&&",
        ";",
        "\n",
      ],
      ...[
        "{",
        "}",
        "(",
        ")",
        "<<EOF",
        "EOF",
        ">",
        ">>",
        "<",
        "$(",
        "`",
        '"',
        "'",
        "${x",
        "$((",
        "))",
        "#",
        "\\",
        "x=1",
        "$x",
      ],
      ...[
        "echo",
        "cat",
        "sed -i",
        "s/a/b/",
        "tee -a",
        "bash -c",
        "eval",
        "source",
        "exit",
        "break",
        "return",
        "f()",
        "f",
      ],
      ...[
        FILE,
        "ECS_CLUSTER=x",
        "[",
        "]",
        "[[",
        "]]",
        "!",
        "&",
        "*",
        "{a,b}",
        "trap",
        "exec",
        "sudo",
        "xargs",
        "grep -q",
      ],
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 40 }), (text) => expectBounded(script(text.join(" ")))),
      { numRuns: 500 },
    );
  });

  it("ends without an error on scripts that lost, doubled or exchanged something", () => {
    fc.assert(
      fc.property(
        compositions,
        wrappings,
        fc.nat(),
        fc.nat(30),
        fc.string({ maxLength: 4 }),
        (composition, wrapping, at, length, other) => {
          const text = WRAPPINGS[wrapping]!(linesOf(composition));
          const from = at % text.length;
          expectBounded(text.slice(0, from) + other + text.slice(from + length));
          expectBounded(text.slice(0, from) + text.slice(from, from + length).repeat(3) + text.slice(from + length));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("isn't changed by commands that have nothing to do with it", () => {
    fc.assert(
      fc.property(compositions, fc.array(noise, { maxLength: 4 }), (composition, others) => {
        expect(read(script(...others, ...linesOf(composition), ...others))).to.deep.equal(expected(composition));
      }),
    );
  });
});
