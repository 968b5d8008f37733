#!/usr/bin/env node
/** The sidecar as a process: settings from the environment, one JSON line per event. */
import type { AddressInfo } from "node:net";
import { agentProtection } from "../agentProtection";
import { embeddedMetrics } from "../consumer/embeddedMetrics";
import { Sidecar } from "../sidecar";
import { readSidecarSettings } from "./settings";
import { loadSqs } from "./sqsClient";

const log = (record: Readonly<Record<string, unknown>>): void => {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...record })}\n`);
};

async function start(): Promise<void> {
  const settings = readSidecarSettings(process.env);
  const sqs = settings.jobs === undefined ? undefined : await loadSqs();
  const protection = agentProtection({ agentUri: settings.agentUri });
  const metrics = embeddedMetrics();
  const sidecar = new Sidecar({ settings, protection, log, sqs, report: metrics.report });
  sidecar.server.on("error", failed);
  sidecar.server.listen(settings.port, settings.listenAddress, () => {
    log({ kind: "listening", ...(sidecar.server.address() as AddressInfo) });
  });
  process.once("SIGTERM", () => {
    void sidecar.shutDown().then(() => {
      metrics.flush();
      process.exit(0);
    });
  });
}

function failed(error: unknown): void {
  log({ kind: "failed", error: String(error) });
  process.exit(1);
}

start().catch(failed);
