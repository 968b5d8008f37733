/**
 * What Lambda's Node.js runtime does with a function's code, as far as a handler sees it: loads `_HANDLER` from the task
 * root, calls it once per message from the parent process, and tells it how much time is left.
 */
const { join } = require("node:path");
const { performance } = require("node:perf_hooks");
const { format } = require("node:util");

let lines = [];
for (const level of ["log", "info", "warn", "error"]) console[level] = (...given) => lines.push(format(...given));

const [file, name] = process.env._HANDLER.split(".");
const handler = require(join(process.env.LAMBDA_TASK_ROOT, file))[name];

async function invoke({ event, remainingMs }) {
  lines = [];
  const began = performance.now();
  const getRemainingTimeInMillis = () => Math.round(remainingMs - (performance.now() - began));
  try {
    const value = await handler(event, { getRemainingTimeInMillis });
    return { value, leftMs: getRemainingTimeInMillis(), lines };
  } catch (error) {
    return { error: `${error.name}: ${error.message}`, leftMs: getRemainingTimeInMillis(), lines };
  }
}

process.on("message", async (message) => process.send(await invoke(message)));
process.send({ node: process.version });
