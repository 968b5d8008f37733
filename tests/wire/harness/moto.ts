/** moto's server as a process of its own. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { PythonEnvironment } from "../../../tools/wire/pythonEnvironment";
import { ROOT } from "../../project/project";

const PROGRAM = join(ROOT, "tools/wire/moto_server.py");
const LONGEST_START_MS = 60_000;

export class Moto {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {}

  /** Started when it says where it listens. It ends with us whatever becomes of us, since we hold its standard input. */
  static async start({ python }: PythonEnvironment): Promise<Moto> {
    // AMIs of its own aren't needed here, and take moto long to load.
    const env = { PATH: process.env.PATH, MOTO_EC2_LOAD_DEFAULT_AMIS: "false" };
    const child = spawn(python, ["-u", PROGRAM], { env, stdio: ["pipe", "ignore", "pipe"] });
    return new Moto(child, await portOf(child));
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    const ended = once(this.child, "exit");
    this.child.stdin?.end();
    await ended;
  }
}

function portOf(child: ChildProcess): Promise<number> {
  let said = "";
  return new Promise((resolve, reject) => {
    const failed = (why: string): void => {
      child.kill();
      reject(new Error(`moto's server ${why}:\n${said}`));
    };
    const timer = setTimeout(() => failed(`didn't start within ${LONGEST_START_MS / 1000} s`), LONGEST_START_MS);
    child.once("error", (error) => failed(error.message));
    child.once("exit", (code) => failed(`ended with exit code ${code}`));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      // Later it logs every request there, which has to be read, or it waits.
      if (said.length < 10_000) said += text;
      const port = /Running on http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      child.removeAllListeners("exit");
      resolve(Number(port));
    });
  });
}
