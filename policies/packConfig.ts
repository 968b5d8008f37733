/** A policy config file: a level for `all`, and per rule a level or an object with a level and the rule's own settings.
 * @see https://www.pulumi.com/docs/insights/policy/policy-packs/configuration/ */
export type Level = "advisory" | "mandatory" | "remediate" | "disabled";
type RuleConfig = Level | ({ readonly enforcementLevel?: Level } & Readonly<Record<string, unknown>>);

export type PackConfig = Readonly<Record<string, RuleConfig>>;

export function isDisabled(config: PackConfig, rule: string): boolean {
  return (levelOf(config[rule]) ?? levelOf(config.all)) === "disabled";
}

export function settingsOf(config: PackConfig, rule: string): Readonly<Record<string, unknown>> {
  const own = config[rule];
  if (own === undefined || typeof own === "string") return {};
  return Object.fromEntries(Object.entries(own).filter(([key]) => key !== "enforcementLevel"));
}

function levelOf(config: RuleConfig | undefined): Level | undefined {
  return typeof config === "string" ? config : config?.enforcementLevel;
}
