/** `npm run test:page`: what needs a browser. */
module.exports = {
  require: ["ts-node/register"],
  spec: ["tests/page/**/*.test.ts"],
  timeout: 60_000,
  slow: 5_000,
  forbidOnly: Boolean(process.env.CI),
  failZero: true,
};
