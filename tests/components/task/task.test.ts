import { expect } from "chai";
import * as pulumi from "@pulumi/pulumi";
import type { BalancedServiceArgs } from "../../../components/balancedServiceArgs";
import { secretStatements } from "../../../components/task/taskSecrets";
import { promiseOf, recordService, serviceFailure, SERVICE } from "../../support/fixtures";
import { statementsOf, type PolicyStatement } from "../../support/policies";
import type { Recording } from "../../support/recorder";

const TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition";
const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";
const SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";
const PARAMETER = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/token";
const KEY = "arn:aws:kms:eu-west-1:123456789012:key/0f1e2d3c";

type Container = Readonly<Record<string, unknown>>;

function containersOf(recording: Recording): Map<string, Container> {
  const text = recording.only(TASK_DEFINITION).inputs.containerDefinitions as string;
  return new Map((JSON.parse(text) as Container[]).map((container) => [container.name as string, container]));
}

async function mainOf(changes: Partial<BalancedServiceArgs>): Promise<Container> {
  return containersOf(await recordService(changes)).get("api")!;
}

function statements(recording: Recording, policy: string): PolicyStatement[] {
  return statementsOf(recording.only(ROLE_POLICY, policy));
}

const granted = (recording: Recording, policy: string): unknown[][] =>
  statements(recording, policy).map(({ Action, Resource }) => [Action, Resource]);

const LOGS = [
  ["logs:CreateLogStream", "logs:PutLogEvents"],
  ["arn:aws:logs:eu-west-1:123456789012:log-group:api-logs:*"],
];

describe("A task's main container", () => {
  it("starts with the entry point and command given", async () => {
    expect(await mainOf({ entryPoint: ["/init"], command: ["serve"] })).to.deep.include({
      entryPoint: ["/init"],
      command: ["serve"],
    });
    expect(await mainOf({})).not.to.have.any.keys("entryPoint", "healthCheck", "secrets", "dependsOn", "links");
  });

  it("is checked by a command, as often as ECS does by default", async () => {
    const command = ["CMD-SHELL", "curl -f http://localhost:3000/"];
    const checkOf = async (more: object) => (await mainOf({ containerHealthCheck: { command, ...more } })).healthCheck;
    expect(await checkOf({})).to.deep.equal({ command, interval: 30, timeout: 5, retries: 3 });
    const all = { intervalSeconds: 10, timeoutSeconds: 2, retries: 2, startPeriodSeconds: 60 };
    expect(await checkOf(all)).to.deep.equal({ command, interval: 10, timeout: 2, retries: 2, startPeriod: 60 });
  });

  it("is of the cluster's architecture", async () => {
    const platformOf = async (cluster: object) =>
      (await recordService({}, { cluster })).only(TASK_DEFINITION).inputs.runtimePlatform;
    expect(await platformOf({})).to.deep.equal({ operatingSystemFamily: "LINUX", cpuArchitecture: "X86_64" });
    expect(await platformOf({ instanceTypes: ["m6g.large", "m7g.large"] })).to.deep.equal({
      operatingSystemFamily: "LINUX",
      cpuArchitecture: "ARM64",
    });
  });
});

describe("A task's secrets", () => {
  it("become environment variables, from Secrets Manager, a part of a secret, and Parameter Store", async () => {
    const secrets = { TOKEN: PARAMETER, PASSWORD: `${SECRET}:password::`, DATABASE: SECRET };
    expect((await mainOf({ secrets })).secrets).to.deep.equal([
      { name: "DATABASE", valueFrom: SECRET },
      { name: "PASSWORD", valueFrom: `${SECRET}:password::` },
      { name: "TOKEN", valueFrom: PARAMETER },
    ]);
  });

  it("can be read by the execution role, which may read nothing else", async () => {
    const secrets = { TOKEN: PARAMETER, PASSWORD: `${SECRET}:password::`, USER: `${SECRET}:user::` };
    const recording = await recordService({ secrets });
    expect(granted(recording, "api-execution-policy")).to.deep.equal([
      LOGS,
      [["secretsmanager:GetSecretValue"], [SECRET]],
      [["ssm:GetParameters"], [PARAMETER]],
    ]);
    expect(recording.ofType(ROLE_POLICY).filter(({ inputs }) => inputs.role === "api-task-role")).to.be.empty;
  });

  it("may come as Outputs of what the program declares", async () => {
    const recording = await recordService({ secrets: { DATABASE: pulumi.output(SECRET) } });
    expect(granted(recording, "api-execution-policy")[1]).to.deep.equal([["secretsmanager:GetSecretValue"], [SECRET]]);
  });

  it("are checked when they are known, where they are Outputs", async () => {
    const sources = { secrets: [pulumi.output("db")], credentials: [], keys: [] };
    const refused = await promiseOf(secretStatements(sources)).catch((error: Error) => error.message);
    expect(refused).to.contain('secrets: given "db"');
  });

  it("are decrypted with the keys given, and without one with none", async () => {
    const recording = await recordService({ secrets: { DATABASE: SECRET }, secretsKmsKeyArns: [KEY] });
    expect(granted(recording, "api-execution-policy")[2]).to.deep.equal([["kms:Decrypt"], [KEY]]);
  });

  it("hold the credentials of private registries, each container's own", async () => {
    const proxy = `${SECRET}2`;
    const recording = await recordService({
      repositoryCredentialsSecretArn: SECRET,
      sidecars: { proxy: { image: "envoy:1", memoryReservationMiB: 64, repositoryCredentialsSecretArn: proxy } },
    });
    const credentials = [...containersOf(recording).values()].map((container) => container.repositoryCredentials);
    expect(credentials).to.deep.equal([{ credentialsParameter: SECRET }, { credentialsParameter: proxy }]);
    expect(granted(recording, "api-execution-policy")[1]).to.deep.equal([
      ["secretsmanager:GetSecretValue"],
      [SECRET, proxy],
    ]);
  });
});

describe("A task's role", () => {
  const TASKS = "arn:aws:ecs:eu-west-1:123456789012:task/shop/*";

  it("protects the cluster's tasks where its containers protect their work", async () => {
    const [statement, ...others] = statements(await recordService({ protectsWork: true }), "api-task-policy");
    expect(others).to.be.empty;
    expect(statement).to.deep.include({
      Action: ["ecs:GetTaskProtection", "ecs:UpdateTaskProtection"],
      Resource: [TASKS],
      Condition: { ArnEquals: { "ecs:cluster": "arn:aws:ecs:eu-west-1:123456789012:cluster/shop" } },
    });
  });

  it("opens the channels of a shell where people may have one, and the service lets them", async () => {
    const recording = await recordService({ enableExecuteCommand: true });
    expect(recording.only("aws:ecs/service:Service").inputs.enableExecuteCommand).to.equal(true);
    expect(granted(recording, "api-task-policy")).to.deep.equal([
      [
        [
          "ssmmessages:CreateControlChannel",
          "ssmmessages:CreateDataChannel",
          "ssmmessages:OpenControlChannel",
          "ssmmessages:OpenDataChannel",
        ],
        ["*"],
      ],
    ]);
    expect((await recordService()).only("aws:ecs/service:Service").inputs.enableExecuteCommand).to.equal(false);
  });

  it("may do what is given, before any task starts", async () => {
    const read = { Sid: "Read", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::shop/*"] };
    const recording = await recordService({ taskPolicy: [read] });
    expect(granted(recording, "api-task-policy")).to.deep.equal([[read.Action, read.Resource]]);
    const policy = recording.only(ROLE_POLICY, "api-task-policy");
    expect(recording.needs(recording.only("aws:ecs/service:Service"), policy)).to.equal(true);
  });
});

describe("A task's sidecars", () => {
  const proxy = { image: "envoy:1.31", memoryReservationMiB: 64 };

  it("run beside the main container, which comes first", async () => {
    const sidecars = {
      proxy: {
        ...proxy,
        cpu: 64,
        memoryMiB: 128,
        command: ["run"],
        entryPoint: ["/envoy"],
        environment: { LEVEL: "info" },
        secrets: { TOKEN: PARAMETER },
        essential: false,
        dependsOn: { api: "START" as const },
        healthCheck: { command: ["CMD", "/healthy"] },
        containerPort: 9901,
        stopTimeoutSeconds: 7,
      },
    };
    const recording = await recordService({ sidecars });
    expect([...containersOf(recording).keys()]).to.deep.equal(["api", "proxy"]);
    const { logConfiguration, ...rest } = containersOf(recording).get("proxy")!;
    expect(logConfiguration).to.deep.equal(containersOf(recording).get("api")?.logConfiguration);
    expect(rest).to.deep.equal({
      name: "proxy",
      image: "envoy:1.31",
      essential: false,
      cpu: 64,
      memory: 128,
      memoryReservation: 64,
      command: ["run"],
      entryPoint: ["/envoy"],
      environment: [{ name: "LEVEL", value: "info" }],
      secrets: [{ name: "TOKEN", valueFrom: PARAMETER }],
      portMappings: [{ containerPort: 9901, hostPort: 0, protocol: "tcp" }],
      dependsOn: [{ containerName: "api", condition: "START" }],
      healthCheck: { command: ["CMD", "/healthy"], interval: 30, timeout: 5, retries: 3 },
      stopTimeout: 7,
    });
    expect(granted(recording, "api-execution-policy")[1]).to.deep.equal([["ssm:GetParameters"], [PARAMETER]]);
  });

  it("are essential, without CPU of their own and stopped soon, where nothing else is given", async () => {
    const sidecar = containersOf(await recordService({ sidecars: { proxy } })).get("proxy");
    expect(sidecar).to.include({ essential: true, cpu: 0, stopTimeout: 5 });
    expect(sidecar).not.to.have.any.keys("portMappings", "healthCheck", "dependsOn", "memory");
  });

  it("are waited for, and reached by their names", async () => {
    const checked = { ...proxy, healthCheck: { command: ["CMD", "/healthy"] } };
    const migration = { image: "migrate:1", memoryReservationMiB: 64, essential: false };
    const main = containersOf(
      await recordService({
        sidecars: { proxy: checked, migration },
        dependsOn: { proxy: "HEALTHY", migration: "SUCCESS" },
        links: ["proxy"],
      }),
    ).get("api");
    expect(main).to.deep.include({
      links: ["proxy"],
      dependsOn: [
        { containerName: "migration", condition: "SUCCESS" },
        { containerName: "proxy", condition: "HEALTHY" },
      ],
    });
  });

  const stopOf = async (changes: Partial<BalancedServiceArgs>): Promise<unknown> => (await mainOf(changes)).stopTimeout;

  it("leave the main container what of the cluster's stop timeout they don't take before or after it", async () => {
    const sidecars = { proxy, log: { ...proxy, stopTimeoutSeconds: 10 } };
    expect(await stopOf({ sidecars }), "beside each other").to.equal(60);
    expect(await stopOf({ sidecars, dependsOn: { proxy: "START" } }), "one after it").to.equal(55);
    expect(await stopOf({ sidecars, links: ["log"] }), "one that it is linked to").to.equal(50);
    const before = { proxy: { ...proxy, dependsOn: { api: "START" as const } }, log: sidecars.log };
    expect(await stopOf({ sidecars: before, dependsOn: { log: "START" } }), "before and after").to.equal(45);
    const through = { proxy: { ...proxy, essential: false } };
    expect(await stopOf({ sidecars: through, dependsOn: { proxy: "COMPLETE" } }), "gone before").to.equal(60);
  });

  it("count in the time budget where they stop one after the other", async () => {
    const message = await serviceFailure({
      sidecars: { proxy: { ...proxy, stopTimeoutSeconds: 20 } },
      dependsOn: { proxy: "START" },
      stopTimeoutSeconds: 50,
    });
    expect(message).to.contain(
      'deregistrationDelaySeconds + stopTimeoutSeconds: given "45 + 70"; allowed: at most 110 together',
    );
    expect(message).to.contain("at most the cluster's 60, because its drain function leaves a stopped task no longer");
    expect(message).to.contain("(api, then proxy: one stops after the other)");
  });

  it("count in the size of the task", async () => {
    const sidecars = { proxy: { image: "envoy:1", cpu: 1600, memoryReservationMiB: 7100 } };
    const message = await serviceFailure({ sidecars });
    expect(message).to.contain("cpu of all containers together: given 2112; allowed: at most the 2048 CPU units");
    expect(message).to.contain(
      "memoryReservationMiB of all containers together: given 7612; allowed: at most the 7536",
    );
  });
});

describe("What only few tasks have", () => {
  it("is a file system, by the transforms of definition and containers", async () => {
    const volume = { name: "media", efsVolumeConfiguration: { fileSystemId: "fs-1", transitEncryption: "ENABLED" } };
    const mountPoints = [{ sourceVolume: "media", containerPath: "/media" }];
    const recording = await recordService({
      transform: {
        taskDefinition: (args) => ({ ...args, volumes: [volume] }),
        containerDefinitions: ([main, ...others]) => [{ ...main!, mountPoints }, ...others],
      },
    });
    expect(recording.only(TASK_DEFINITION).inputs.volumes).to.deep.equal([volume]);
    expect(containersOf(recording).get("api")?.mountPoints).to.deep.equal(mountPoints);
  });

  it("is an init process, a user, limits and a root file system that can't be written", async () => {
    const more = {
      linuxParameters: { initProcessEnabled: true },
      user: "1000",
      readonlyRootFilesystem: true,
      ulimits: [{ name: "nofile" as const, softLimit: 65536, hardLimit: 65536 }],
    };
    const recording = await recordService({
      transform: { containerDefinitions: (containers) => containers.map((each) => ({ ...each, ...more })) },
    });
    expect(containersOf(recording).get("api")).to.deep.include(more);
  });

  it("is a log router of FireLens beside it", async () => {
    const router = { image: "amazon/aws-for-fluent-bit:2.32", memoryReservationMiB: 64 };
    const logConfiguration = { logDriver: "awsfirelens" as const, options: { Name: "kinesis" } };
    const recording = await recordService({
      sidecars: { router },
      dependsOn: { router: "START" },
      transform: {
        containerDefinitions: ([main, sidecar]) => [
          { ...main!, logConfiguration },
          { ...sidecar!, firelensConfiguration: { type: "fluentbit" } },
        ],
      },
    });
    expect(containersOf(recording).get("api")?.logConfiguration).to.deep.equal(logConfiguration);
    expect(containersOf(recording).get("router")?.firelensConfiguration).to.deep.equal({ type: "fluentbit" });
  });

  it("is Service Connect, by a named port and the service's configuration", async () => {
    const serviceConnectConfiguration = { enabled: true, namespace: "shop", services: [{ portName: "http" }] };
    const portMappings = [{ name: "http", containerPort: 3000, hostPort: 0 }];
    const recording = await recordService({
      transform: {
        service: (args) => ({ ...args, serviceConnectConfiguration }),
        containerDefinitions: ([main]) => [{ ...main!, portMappings }],
      },
    });
    const { inputs } = recording.only("aws:ecs/service:Service");
    expect(inputs.serviceConnectConfiguration).to.deep.equal(serviceConnectConfiguration);
    expect(containersOf(recording).get("api")?.portMappings).to.deep.equal(portMappings);
  });
});

describe("A task's input", () => {
  const proxy = { image: "envoy:1.31", memoryReservationMiB: 64 };
  const check = (changes: object) => ({ containerHealthCheck: { command: ["CMD", "/healthy"], ...changes } });

  const REFUSED: readonly [string, object, RegExp][] = [
    ["a secret that isn't an ARN", { secrets: { A: "db" } }, /secrets\.A: given "db".*give the ARN/],
    ["half of a secret's additions", { secrets: { A: `${SECRET}:password` } }, /all three additions or none/],
    [
      "a variable that is plain and secret",
      { environment: { A: "1" }, secrets: { A: SECRET } },
      /secrets\.A.*a name that environment doesn't have/,
    ],
    [
      "credentials from a part of a secret",
      { repositoryCredentialsSecretArn: `${SECRET}:user::` },
      /give the whole secret's ARN/,
    ],
    ["a key by its alias", { secretsKmsKeyArns: [`${KEY.split(":key/")[0]}:alias/a`] }, /not its alias's or its id/],
    [
      "another architecture than the cluster's",
      { cpuArchitecture: "ARM64" },
      /cpuArchitecture: given "ARM64"; allowed: X86_64, which the cluster's instances have/,
    ],
    ["a check without CMD", check({ command: ["curl"] }), /containerHealthCheck\.command.*give e\.g\. \["CMD-SHELL"/],
    ["a check every second", check({ intervalSeconds: 1 }), /containerHealthCheck\.intervalSeconds.*raise it to 5/],
    ["a check of two minutes", check({ timeoutSeconds: 120 }), /timeoutSeconds.*lower it to 60/],
    ["a check without a try", check({ retries: 0 }), /retries.*raise it to 1/],
    ["a start of ten minutes", check({ startPeriodSeconds: 600 }), /startPeriodSeconds.*lower it to 300/],
    ["a sidecar of its own name", { sidecars: { api: proxy } }, /not api, which the main container is called/],
    [
      "more containers than ECS takes",
      { sidecars: Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`s${index}`, proxy])) },
      /sidecars: given 10; allowed: at most 9.*remove 1/,
    ],
    ["a dependency on nobody", { sidecars: { proxy }, dependsOn: { prox: "START" } }, /did you mean proxy\?/],
    ["a link to nobody", { links: ["proxy"] }, /links\[0\]: given "proxy".*declare it under sidecars/],
    ["an unknown condition", { sidecars: { proxy }, dependsOn: { proxy: "STARTED" } }, /did you mean START\?/],
    [
      "a wait for the health of what isn't checked",
      { sidecars: { proxy }, dependsOn: { proxy: "HEALTHY" } },
      /START, because proxy has no health check; change: give sidecars\.proxy\.healthCheck, or START/,
    ],
    [
      "a wait for the end of what must go on",
      { sidecars: { proxy }, dependsOn: { proxy: "SUCCESS" } },
      /the task would stop when it has run; change: give sidecars\.proxy\.essential: false/,
    ],
    [
      "containers that wait for each other",
      { sidecars: { proxy: { ...proxy, links: ["api"] } }, dependsOn: { proxy: "START" } },
      /dependsOn: given "api → proxy → api"/,
    ],
    ["a sidecar's port that doesn't exist", { sidecars: { proxy: { ...proxy, containerPort: 0 } } }, /containerPort/],
    [
      "a sidecar's hard memory below the soft",
      { sidecars: { proxy: { ...proxy, memoryMiB: 32 } } },
      /sidecars\.proxy\.memoryMiB: given 32.*raise it to 64/,
    ],
    [
      "a sidecar's stop timeout of two minutes",
      { sidecars: { proxy: { ...proxy, stopTimeoutSeconds: 120 } } },
      /sidecars\.proxy\.stopTimeoutSeconds: given 120/,
    ],
  ];
  for (const [what, changes, message] of REFUSED) {
    it(`may not be ${what}`, async () => {
      expect(await serviceFailure(changes)).to.match(message);
    });
  }

  it("is refused with all its problems at once", async () => {
    const message = await serviceFailure({ ...SERVICE, cpu: 0, secrets: { A: "db" }, links: ["x"], desiredCount: -1 });
    expect(message).to.match(/^BalancedService api: 4 problems\n/);
  });
});
