/**
 * Mocha's spec reporter, which also leaves its counts in the file that the option `counts` names, as one line
 * "passed failed skipped", for `.ci/run` to add up. Works with `--parallel`.
 */
const { writeFileSync } = require("node:fs");
const { reporters, Runner } = require("mocha");

module.exports = class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const { counts } = options.reporterOptions ?? {};
    if (!counts) throw new Error("countingReporter: no file; give --reporter-option counts=<file>");
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      writeFileSync(counts, `${passes} ${failures} ${pending}\n`);
    });
  }
};
