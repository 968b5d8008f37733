/** The rules of a shared balancer's services in one program, kept apart. */
import type { Problem } from "../problems";
import {
  isOneRule,
  NOT_FOUND_PRIORITY,
  rulesOf,
  shadowOf,
  type Route,
  type Rule,
  type Shadow,
} from "./sharedBalancerRoutes";

export class SharedRegistry {
  private readonly rules: Rule[] = [];

  /** @returns the rules of the service, which must have no problems */
  add(service: string, route: Route): Rule[] {
    const rules = rulesOf(service, route);
    this.rules.push(...rules);
    return rules;
  }

  /** What is wrong with a service's route beside the others'. A route's own syntax is right. */
  problems(service: string, route: Route): Problem[] {
    if (route.priority !== undefined && !isOneRule(route)) return [tooMuchForOneRule(route.priority)];
    const rules = rulesOf(service, route);
    const clashes = rules.flatMap((rule, index) => this.clash(rule, rules.slice(0, index)));
    return clashes.length > 0 ? clashes : rules.flatMap((rule) => this.shadows(rule));
  }

  private clash(rule: Rule, ofItsOwn: readonly Rule[]): Problem[] {
    const other = [...this.rules, ...ofItsOwn].find(({ priority }) => priority === rule.priority);
    if (!other) return [];
    const whose = `a rule for ${textOf(other)} of service ${other.service}`;
    const allowed = `one priority for each rule of a balancer; ${rule.priority} is that of ${whose}`;
    const change = `give this service "priority: ${this.freeAfter(rule.priority)}"`;
    return [{ property: "priority", given: rule.priority, allowed, change }];
  }

  private shadows(rule: Rule): Problem[] {
    for (const other of this.rules) {
      const shadow = shadowOf(other, rule);
      if (shadow) return [shadowProblem(shadow, rule)];
    }
    return [];
  }

  private freeAfter(taken: number): number {
    const all = new Set(this.rules.map(({ priority }) => priority));
    for (let priority = taken + 1; priority < NOT_FOUND_PRIORITY; priority++) if (!all.has(priority)) return priority;
    return 1;
  }
}

function tooMuchForOneRule(priority: number): Problem {
  const allowed = "with three hosts and three paths at most, five together, with at most five wildcards: one rule's";
  const change = "give fewer, or remove the priority, and as many rules as it takes are made";
  return { property: "priority", given: priority, allowed, change };
}

function shadowProblem({ by, hidden, host, path }: Shadow, rule: Rule): Problem {
  const what = `${host ?? "every host"}${path ?? ""}`;
  const allowed = `hosts and paths whose requests can come: ${what} of service ${hidden.service} comes after ${textOf(by)} of service ${by.service}, which gets all of it`;
  const change =
    rule === hidden
      ? `give this service a priority below ${by.priority}, or change hosts or paths`
      : `give this service a priority above ${hidden.priority}, or change hosts or paths`;
  return { property: "hosts, paths", given: textOf(rule), allowed, change };
}

/** `a.example.com, b.example.com /api/*` */
const textOf = ({ hosts, paths }: Rule): string =>
  [hosts.length === 0 ? "every host" : hosts.join(", "), paths.join(", ")].join(" ").trim();
