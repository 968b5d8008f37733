import { expect } from "chai";
import fc from "fast-check";
import { wildcardsIn } from "../../../components/balancer/hostNames";
import { SharedRegistry } from "../../../components/balancer/sharedBalancerRegistry";
import { NOT_FOUND_PRIORITY, rulesOf, type Route } from "../../../components/balancer/sharedBalancerRoutes";

const route = (changes: Partial<Route>): Route => ({ hosts: [], paths: [], ...changes });

const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const host = fc
  .tuple(fc.constantFrom("", "*.", "*-"), label, label)
  .map(([wildcard, name, domain]) => `${wildcard}${name}.${domain}.com`);
const path = fc
  .tuple(fc.array(label, { maxLength: 4 }), fc.constantFrom("", "/*", "*"))
  .map(([parts, end]) => `/${parts.join("/")}${end}`);
const routes = fc
  .record({ hosts: fc.uniqueArray(host, { maxLength: 8 }), paths: fc.uniqueArray(path, { maxLength: 8 }) })
  .filter(({ hosts, paths }) => hosts.length + paths.length > 0);

const onlyPriority = (service: string, changes: Partial<Route>): number => {
  const [rule, ...others] = rulesOf(service, route(changes));
  if (!rule || others.length > 0) throw new Error(`not one rule for ${JSON.stringify(changes)}`);
  return rule.priority;
};

describe("the rules of a route", () => {
  it("have at most three values of a condition, five in all and five wildcards", () => {
    fc.assert(
      fc.property(routes, (given) => {
        for (const { hosts, paths } of rulesOf("api", given)) {
          expect(Math.max(hosts.length, paths.length)).to.be.at.most(3);
          expect(hosts.length + paths.length).to.be.within(1, 5);
          expect([...hosts, ...paths].reduce((sum, value) => sum + wildcardsIn(value), 0)).to.be.at.most(5);
        }
      }),
    );
  });

  it("are for every pair of host and path, and for none but these", () => {
    const pairs = (hosts: readonly string[], paths: readonly string[]): string[] =>
      (hosts.length > 0 ? hosts : ["-"]).flatMap((each) => (paths.length > 0 ? paths : ["-"]).map((it) => each + it));
    fc.assert(
      fc.property(routes, (given) => {
        const covered = rulesOf("api", given).flatMap(({ hosts, paths }) => pairs(hosts, paths));
        expect(covered).to.have.members(pairs(given.hosts, given.paths));
      }),
    );
  });

  it("have priorities between those for explicit ones and the balancer's last rule", () => {
    fc.assert(
      fc.property(routes, (given) => {
        for (const { priority } of rulesOf("api", given)) expect(priority).to.be.within(1000, NOT_FOUND_PRIORITY - 1);
      }),
    );
  });

  it("are the same whatever the order of hosts and paths is", () => {
    fc.assert(
      fc.property(routes, ({ hosts, paths }) => {
        const turned = { hosts: [...hosts].reverse(), paths: [...paths].reverse() };
        expect(rulesOf("api", turned)).to.have.deep.members(rulesOf("api", { hosts, paths }));
      }),
    );
  });

  it("come before what is less specific: exact hosts before patterns before none, longer paths before shorter", () => {
    const inOrder: readonly Partial<Route>[] = [
      { hosts: ["a.example.com"], paths: ["/api/v1/*"] },
      { hosts: ["a.example.com"], paths: ["/api/*"] },
      { hosts: ["a.example.com"], paths: ["/*"] },
      { hosts: ["a.example.com"] },
      { hosts: ["*.shop.example.com"], paths: ["/api/*"] },
      { hosts: ["*.shop.example.com"] },
      { hosts: ["*.example.com"], paths: ["/api/v1/*"] },
      { hosts: ["*.example.com"] },
      { paths: ["/api/v1/*"] },
      { paths: ["/api/*"] },
      { paths: ["/*"] },
    ];
    const names = fc.stringMatching(/^[a-z]{1,12}$/);
    fc.assert(
      fc.property(fc.array(names, { minLength: inOrder.length, maxLength: inOrder.length }), (services) => {
        const priorities = inOrder.map((each, index) => onlyPriority(services[index]!, each));
        expect(priorities).to.deep.equal([...priorities].sort((a, b) => a - b));
      }),
    );
  });

  it("are one with a priority of its own", () => {
    const given = route({ hosts: ["a.example.com", "*.example.org"], paths: ["/a", "/b/*"], priority: 7 });
    expect(rulesOf("api", given)).to.deep.equal([
      { service: "api", key: "", priority: 7, hosts: ["*.example.org", "a.example.com"], paths: given.paths },
    ]);
  });
});

describe("the services of a shared balancer", () => {
  const registryOf = (services: Readonly<Record<string, Partial<Route>>>): SharedRegistry => {
    const registry = new SharedRegistry();
    for (const [name, each] of Object.entries(services)) registry.add(name, route(each));
    return registry;
  };
  const changesOf = (registry: SharedRegistry, name: string, changes: Partial<Route>): string =>
    registry
      .problems(name, route(changes))
      .map(({ allowed, change }) => `${allowed}; ${change}`)
      .join("\n");

  it("keep their rules when others come and go", () => {
    fc.assert(
      fc.property(fc.dictionary(label, routes, { minKeys: 2, maxKeys: 6 }), (services) => {
        const all = new SharedRegistry();
        const together = Object.entries(services).map(([name, each]) => all.add(name, each));
        const alone = Object.entries(services)
          .reverse()
          .map(([name, each]) => new SharedRegistry().add(name, each))
          .reverse();
        expect(alone).to.deep.equal(together);
      }),
    );
  });

  it("may not have one priority", () => {
    const registry = registryOf({
      api: { hosts: ["a.example.com"], priority: 5 },
      old: { paths: ["/x"], priority: 6 },
    });
    const message = changesOf(registry, "web", { hosts: ["b.example.com"], priority: 5 });
    expect(message).to.contain("5 is that of a rule for a.example.com of service api");
    expect(message).to.contain('give this service "priority: 7"');
  });

  it("are told of two derived priorities that happen to be one, and of a free one", () => {
    const registry = new SharedRegistry();
    let message = "";
    for (let count = 0; message === ""; count++) {
      const each = { hosts: [`h${count}.example.com`] };
      message = changesOf(registry, `s${count}`, each);
      if (message === "") registry.add(`s${count}`, route(each));
    }
    const free = Number(/"priority: (\d+)"/.exec(message)?.[1]);
    expect(changesOf(registry, "new", { hosts: ["new.example.com"], priority: free })).to.equal("");
  });

  it("may not say the same twice", () => {
    const registry = registryOf({ api: { hosts: ["a.example.com"], paths: ["/api/*"] } });
    expect(changesOf(registry, "web", { hosts: ["a.example.com"], paths: ["/web/*", "/api/*"] })).to.match(
      /a\.example\.com\/api\/\* of service (api|web) comes after a\.example\.com .*\/api\/\* of service (api|web)/,
    );
  });

  it("may not be hidden behind one that comes first and gets all of its requests", () => {
    const registry = registryOf({ all: { paths: ["/*"], priority: 10 } });
    const message = changesOf(registry, "api", { hosts: ["a.example.com"], paths: ["/api/*"] });
    expect(message).to.contain("a.example.com/api/* of service api comes after every host /* of service all");
    expect(message).to.contain("give this service a priority below 10");
  });

  it("may not hide one either", () => {
    const registry = registryOf({ api: { paths: ["/api/*"] } });
    const message = changesOf(registry, "all", { paths: ["/*"], priority: 10 });
    expect(message).to.contain("every host/api/* of service api comes after every host /* of service all");
    expect(message).to.match(/give this service a priority above \d+/);
  });

  it("may overlap where the more specific one comes first, or where neither gets all of the other's", () => {
    const registry = registryOf({
      all: { paths: ["/*"] },
      wild: { hosts: ["*.example.com"] },
      exact: { hosts: ["a.example.com"] },
    });
    const others: readonly Partial<Route>[] = [
      { hosts: ["a.example.com"], paths: ["/api/*"] },
      { hosts: ["*.shop.example.com"] },
      { paths: ["/api/*"] },
      { paths: ["/a?c"], priority: 3 },
      { hosts: ["b?.example.com"], priority: 4 },
    ];
    for (const each of others) expect(changesOf(registry, "new", each), JSON.stringify(each)).to.equal("");
  });

  it("are hidden by wildcards that take theirs, and not by those that don't", () => {
    const hides = (pattern: string, hidden: string): boolean =>
      changesOf(registryOf({ api: { paths: [hidden] } }), "first", { paths: [pattern], priority: 1 }) !== "";
    expect(hides("/a*", "/a*b")).to.equal(true);
    expect(hides("/a?*", "/ab?")).to.equal(true);
    expect(hides("/a?", "/a*")).to.equal(false);
    expect(hides("/a.c", "/abc")).to.equal(false);
    expect(hides("/a*b", "/a*")).to.equal(false);
  });

  it("may have a priority for what goes into one rule only", () => {
    const message = changesOf(registryOf({}), "api", { paths: ["/a", "/b", "/c", "/d"], priority: 5 });
    expect(message).to.contain("remove the priority, and as many rules as it takes are made");
  });
});
