/** `npm run rehearse` */
import { EXIT, run } from "./cli";

run(process.argv.slice(2), { out: process.stdout, err: process.stderr, wallClock: () => performance.now() }).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = EXIT.crashed;
  },
);
