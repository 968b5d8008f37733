/** A terminal that is none, and keeps what is written to it. */
import { Writable } from "node:stream";
import { run } from "../../rehearsal/cli";

class Paper extends Writable {
  text = "";

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

export interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the rehearsal's command line in this process; without a page, unless it names one. */
export async function rehearseCommand(...argv: readonly string[]): Promise<Answer> {
  const out = new Paper();
  const err = new Paper();
  const terminal = { out: out as unknown as NodeJS.WriteStream, err: err as unknown as NodeJS.WriteStream };
  const code = await run(["--no-report", ...argv], { ...terminal, wallClock: () => performance.now() });
  return { code, out: out.text, err: err.text };
}
