import { readAgentSettings } from "../../../policies/userData/agentSettings";

export const FILE = "/etc/ecs/ecs.config";

export function script(...lines: string[]): string {
  return ["#!/bin/bash", ...lines, ""].join("\n");
}

/** Each setting as text: the value in quotes, or why it is undecided. */
export function read(userData: string): { settings: Record<string, string>; unread: readonly string[] } {
  const { settings, unread } = readAgentSettings(userData);
  const entries = [...settings].map(([name, setting]) => [
    name,
    setting.kind === "known" ? `"${setting.value}"` : setting.reason,
  ]);
  return { settings: Object.fromEntries(entries) as Record<string, string>, unread };
}

/** What is known, where everything could be read. */
export function known(...settings: readonly (readonly [string, string])[]) {
  return { settings: Object.fromEntries(settings.map(([name, value]) => [name, `"${value}"`])), unread: [] };
}
