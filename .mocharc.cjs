/** `npm test` runs what needs nothing but npm; tests that need a tool of their own have a script of their own. */
module.exports = {
  require: ["ts-node/register"],
  ignore: ["tests/wire/**", "tests/engine/**", "tests/page/**"],
  // A worker is a process, so Pulumi's mocks, which are global, stay apart.
  parallel: true,
  jobs: 2,
  timeout: 20_000,
  slow: 1_000,
  forbidOnly: Boolean(process.env.CI),
  failZero: true,
};
