/** `npm run test:engine`: what needs the Pulumi CLI. */
module.exports = {
  require: ["ts-node/register"],
  parallel: true,
  jobs: 2,
  timeout: 180_000,
  slow: 30_000,
  forbidOnly: Boolean(process.env.CI),
  failZero: true,
};
