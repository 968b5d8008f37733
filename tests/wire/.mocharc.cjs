/** One process: all tests share one moto, whose state each of them begins anew. */
module.exports = {
  require: ["ts-node/register", "./tests/wire/harness/hooks.ts"],
  spec: ["tests/wire/**/*.test.ts"],
  timeout: 60_000,
  slow: 5_000,
  forbidOnly: Boolean(process.env.CI),
  failZero: true,
};
