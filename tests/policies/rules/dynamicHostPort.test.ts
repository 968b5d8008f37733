import { expect } from "chai";
import { dynamicHostPort } from "../../../policies/rules/dynamicHostPort";
import { violations, undecidedInPreview } from "../support/said";
import { webStack, workerStack } from "../support/stacks";

describe("dynamic-host-port", () => {
  const withPorts = (portMappings: object[], networkMode?: string) => {
    const parts = webStack();
    parts.container.portMappings = portMappings;
    parts.definition.set("networkMode", networkMode);
    return parts;
  };

  it("has nothing against a dynamic port, written or left out", () => {
    expect(violations(dynamicHostPort, webStack())).to.deep.equal([]);
    expect(violations(dynamicHostPort, withPorts([{ containerPort: 80 }]))).to.deep.equal([]);
    expect(violations(dynamicHostPort, withPorts([{ containerPortRange: "8000-8010" }]))).to.deep.equal([]);
  });

  it("advises against a fixed one", () => {
    expect(violations(dynamicHostPort, withPorts([{ containerPort: 80, hostPort: 8080 }]))).to.deep.equal([
      'ecs.Service "web": container web of ecs.TaskDefinition "web" takes port 8080 of its instance, as its hostPort; allowed: a dynamic port; set hostPort to 0.',
    ]);
  });

  it("advises against the host's network", () => {
    expect(violations(dynamicHostPort, withPorts([{ containerPort: 80 }], "host"))).to.deep.equal([
      'ecs.Service "web": container web of ecs.TaskDefinition "web" takes port 80 of its instance, in the host network mode; allowed: a dynamic port; use the bridge or the awsvpc network mode.',
    ]);
  });

  it("has nothing against a task in a network of its own, nor against a daemon", () => {
    expect(violations(dynamicHostPort, withPorts([{ containerPort: 80, hostPort: 80 }], "awsvpc"))).to.deep.equal([]);
    const parts = withPorts([{ containerPort: 80, hostPort: 80 }]);
    parts.service.set("schedulingStrategy", "DAEMON");
    expect(violations(dynamicHostPort, parts)).to.deep.equal([]);
  });

  it("can't tell the ports of containers that aren't known yet", () => {
    expect(undecidedInPreview(dynamicHostPort, workerStack())).to.have.length(1);
  });
});
