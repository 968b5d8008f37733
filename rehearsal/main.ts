/** `npm run rehearse` */
import { run } from "./cli";

void run(process.argv.slice(2), { out: process.stdout, err: process.stderr, wallClock: () => performance.now() }).then((code) => {
  process.exitCode = code;
});
