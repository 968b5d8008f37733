import { expect } from "chai";
import { CONFIG_SCHEMA, readConfig, type ProgramConfig } from "../config";
import { freshProgram, record, recordFailure } from "./support/recorder";
import { asEngineText, readProjectFile, stackConfig } from "./support/stackFiles";

const REQUIRED = { "spotproof:image": "nginx:1.29", "spotproof:containerPort": "3000" };
const program = freshProgram(require.resolve("../index"));

async function configOf(config: Record<string, string>, secretKeys: string[] = []): Promise<ProgramConfig> {
  const read: ProgramConfig[] = [];
  await record(() => read.push(readConfig()), { config: { ...REQUIRED, ...config }, secretKeys });
  const [only] = read;
  if (!only) throw new Error("the configuration wasn't read");
  return only;
}

/** The message with which the whole program stops, having declared nothing. */
async function messageOf(config: Record<string, string>, secretKeys: string[] = []): Promise<string> {
  const { message, recording } = await recordFailure(program, { config: { ...REQUIRED, ...config }, secretKeys });
  expect(recording.resources, "declared before the error").to.be.empty;
  return message;
}

describe("Pulumi.yaml", () => {
  const { name, runtime, config } = readProjectFile();

  it("declares exactly the keys that the schema knows", () => {
    expect(name).to.equal("spotproof");
    expect(Object.keys(config)).to.have.members(Object.keys(CONFIG_SCHEMA.shape));
  });

  it("gives every key the schema's default, and none where the schema has none", () => {
    for (const [key, declared] of Object.entries(config)) {
      const schema = CONFIG_SCHEMA.shape[key as keyof typeof CONFIG_SCHEMA.shape];
      const absent = schema.safeParse(undefined);
      expect(declared.default !== undefined, `${key} may be left out`).to.equal(absent.success);
      if (declared.default === undefined) continue;
      expect(schema.parse(asEngineText(declared.default)), key).to.deep.equal(absent.data);
    }
  });

  it("types every key as the schema does: what the schema takes is of the type, and the type's opposite is not", () => {
    const ITEMS = { string: '["NAME=value"]', integer: "[7]" };
    const SAMPLES = { array: ITEMS.string, boolean: "true", integer: "7", object: "{}", string: "text" };
    for (const [key, declared] of Object.entries(config)) {
      const schema = CONFIG_SCHEMA.shape[key as keyof typeof CONFIG_SCHEMA.shape];
      const choices = declared.type === "string" && !schema.safeParse("text").success;
      const ofType =
        declared.items === undefined ? SAMPLES[declared.type] : ITEMS[declared.items.type as keyof typeof ITEMS];
      const sample = choices ? asEngineText(declared.default) : ofType;
      expect(schema.safeParse(sample).success, `${key} takes ${sample}`).to.equal(true);
      if (declared.type === "string") continue;
      expect(schema.safeParse("text").success, `${key} takes text`).to.equal(false);
    }
  });

  it("describes every key, and says what an array holds", () => {
    for (const [key, declared] of Object.entries(config)) {
      expect(declared.description, key).to.match(/^\S.{5,}/);
      expect(["string", "integer", undefined], key).to.include(declared.items?.type);
      expect(declared.items !== undefined, key).to.equal(declared.type === "array");
    }
  });

  it("leaves Pulumi's own loader to load TypeScript", () => {
    expect(runtime).to.equal("nodejs");
  });
});

describe("a stack's configuration", () => {
  it("is right in both stacks that ship: prod in a given VPC over HTTPS, dev in one of its own", async () => {
    const prod = await record(program, { config: stackConfig("prod") });
    expect(prod.only("aws:autoscaling/group:Group").inputs).to.deep.include({ minSize: 3, maxSize: 20 });
    expect(prod.only("aws:autoscaling/group:Group").inputs.vpcZoneIdentifiers).to.have.lengthOf(3);
    expect(prod.only("aws:lb/listener:Listener", "web-https").inputs.port).to.equal(443);
    expect(prod.only("aws:lb/loadBalancer:LoadBalancer").inputs.subnets).to.deep.equal([
      "subnet-0d4e5f60718293a4b",
      "subnet-0e5f60718293a4b5c",
      "subnet-0f60718293a4b5c6d",
    ]);
    const dev = await record(program, { config: stackConfig("dev") });
    expect(dev.only("awsx:ec2:Vpc").inputs.numberOfAvailabilityZones).to.equal(2);
  });

  it("reaches the cluster and the service in the types they take", async () => {
    const { cluster, service } = await configOf({
      "spotproof:vpcId": "vpc-1",
      "spotproof:subnetIds": '["subnet-a", "subnet-b"]',
      "spotproof:minSize": "3",
      "spotproof:internal": "true",
      "spotproof:environment": '["MODE=a=b", "EMPTY="]',
      "spotproof:memoryMiB": "0",
    });
    expect(cluster).to.deep.include({ vpcId: "vpc-1", subnetIds: ["subnet-a", "subnet-b"], minSize: 3 });
    expect(service).to.deep.include({ internal: true, environment: { MODE: "a=b", EMPTY: "" }, memoryMiB: undefined });
  });

  it("takes empty values for none", async () => {
    const { cluster, service } = await configOf({
      "spotproof:vpcId": "",
      "spotproof:subnetIds": "[]",
      "spotproof:certificateArn": "",
    });
    expect([cluster.vpcId, cluster.subnetIds, service.certificateArn]).to.deep.equal([undefined, undefined, undefined]);
  });

  it("may have keys of other namespaces", async () => {
    const { cluster } = await configOf({ "aws:region": "eu-west-1", "mine:minSize": "9" });
    expect(cluster.minSize).to.equal(2);
  });

  it("stops with every problem at once, before any resource", async () => {
    const message = await messageOf({
      "spotproof:minSiz": "3",
      "spotproof:maxSize": "many",
      "spotproof:internal": "perhaps",
      "spotproof:subnetIds": "subnet-a",
      "spotproof:instanceTypes": '["m5.large", "m6g.large"]',
      "spotproof:stopTimeoutSeconds": "120",
    });
    expect(message.split("\n").map((line) => line.split(":")[0]?.trim())).to.include.members([
      "- minSiz",
      "- maxSize",
      "- internal",
      "- subnetIds",
      "- instanceTypes",
      "- stopTimeoutSeconds",
    ]);
  });

  const REFUSED: readonly [string, Record<string, string>, RegExp][] = [
    ["an unknown key", { minSiz: "3" }, /minSiz: given "3"; .*did you mean minSize\?/],
    ["a word for a number", { minSize: "three" }, /minSize: given "three"; allowed: a whole number/],
    ["a fraction", { cpu: "0.5" }, /cpu: given "0\.5"; allowed: a whole number/],
    ["a word for true or false", { internal: "yes" }, /internal: given "yes"; allowed: true or false/],
    ["text for an array", { subnetIds: "subnet-a,subnet-b" }, /subnetIds: .*a JSON array of strings/],
    ["an array of numbers", { instanceTypes: "[5]" }, /instanceTypes: .*a JSON array of strings/],
    ["a variable without a value", { environment: '["MODE"]' }, /environment: .*NAME=value/],
    ["an unknown choice", { replacement: "both" }, /replacement: given "both"; allowed: detach, capacityRebalancing/],
    ["a stop timeout of the whole notice", { stopTimeoutSeconds: "120" }, /stopTimeoutSeconds: given 120; .*by 10$/m],
    [
      "a budget over two minutes",
      { deregistrationDelaySeconds: "60" },
      /given "60 \+ 60"; .*lower deregistrationDelaySeconds by 10 \(to 50\)/,
    ],
    ["a minimum over the maximum", { minSize: "11" }, /minSize: given 11; allowed: at most maxSize, which is 10/],
    ["one subnet only", { vpcId: "vpc-1", subnetIds: '["subnet-a"]' }, /subnetIds: .*at least two subnets/],
    [
      "an unknown instance type",
      { instanceTypes: '["m5.large", "m5.larg"]' },
      /instanceTypes\[1\]: .*did you mean m5\.large\?/,
    ],
    ["mixed architectures", { instanceTypes: '["m5.large", "m6g.large"]' }, /types of one architecture/],
    ["no image", { image: "" }, /image: given ""; allowed: an image reference/],
  ];
  for (const [what, changes, message] of REFUSED) {
    it(`may not have ${what}`, async () => {
      const config = Object.entries(changes).map(([key, value]) => [`spotproof:${key}`, value]);
      expect(await messageOf(Object.fromEntries(config) as Record<string, string>)).to.match(message);
    });
  }

  it("says how to set what is missing", async () => {
    const { message } = await recordFailure(program, { config: { "spotproof:image": "nginx:1.29" } });
    expect(message).to.contain("containerPort: given nothing");
    expect(message).to.contain("pulumi config set spotproof:containerPort");
  });
});

describe("a secret of the configuration", () => {
  it("never appears in an error: not as the value given, nor in what is allowed or to be changed", async () => {
    const secrets = {
      "spotproof:environment": '["no-equals-hunter2"]',
      "spotproof:healthCheckPath": "hunter2-path",
      "spotproof:maxSize": "1234",
      "spotproof:minSize": "4321",
      "spotproof:unknownKey": "hunter2-unknown",
    };
    const message = await messageOf(secrets, Object.keys(secrets));
    expect(message).to.match(/^ {2}- environment: given \[secret\]/m);
    expect(message).to.match(/^ {2}- minSize: given \[secret\]; allowed: at most maxSize, which is \[secret\]/m);
    expect(message).not.to.match(/hunter2|1234|4321/);
  });

  it("stays a secret in what is deployed", async () => {
    const config = { ...stackConfig("dev"), "spotproof:environment": '["PASSWORD=hunter2"]' };
    const recording = await record(program, { config, secretKeys: ["spotproof:environment"] });
    const { containerDefinitions } = recording.only("aws:ecs/taskDefinition:TaskDefinition").inputs;
    expect(containerDefinitions).to.be.an("object");
    expect(containerDefinitions).to.have.property("value").that.contains("hunter2");
    const others = recording.resources.filter(({ type }) => type !== "aws:ecs/taskDefinition:TaskDefinition");
    expect(JSON.stringify(others.map(({ inputs }) => inputs))).not.to.contain("hunter2");
  });
});
