#!/usr/bin/env node
/** The sidecar as a process: settings from the environment, one JSON line per event. */
import type { AddressInfo } from "node:net";
import { agentProtection } from "../agentProtection";
import { Sidecar } from "../sidecar";
import { readSidecarSettings, type SidecarSettings } from "./settings";

const log = (record: Readonly<Record<string, unknown>>): void => {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...record })}\n`);
};

function start(settings: SidecarSettings): void {
  const sidecar = new Sidecar({ settings, protection: agentProtection({ agentUri: settings.agentUri }), log });
  sidecar.server.on("error", (error) => {
    log({ kind: "failed", error: String(error) });
    process.exit(1);
  });
  sidecar.server.listen(settings.port, settings.listenAddress, () => {
    log({ kind: "listening", ...(sidecar.server.address() as AddressInfo) });
  });
  process.once("SIGTERM", () => void sidecar.shutDown().then(() => process.exit(0)));
}

try {
  start(readSidecarSettings(process.env));
} catch (error) {
  log({ kind: "failed", error: String(error) });
  process.exitCode = 1;
}
