/** The policy pack in its own process, started and asked over gRPC as Pulumi's engine does it. */
import { spawn, type ChildProcess } from "node:child_process";
import path from "node:path";
import * as grpc from "@grpc/grpc-js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { UNKNOWN, type StackResource } from "../../../policies/stack/resource";

const ROOT = path.join(__dirname, "..", "..", "..");
const RUN_POLICY_PACK = require.resolve("@pulumi/pulumi/cmd/run-policy-pack");

export type Level = "advisory" | "mandatory" | "remediate" | "disabled";

export interface Diagnostic {
  readonly policy: string;
  readonly level: Level;
  readonly urn: string;
  readonly message: string;
}

const LEVELS: Readonly<Record<number, Level>> = {
  [proto.EnforcementLevel.ADVISORY]: "advisory",
  [proto.EnforcementLevel.MANDATORY]: "mandatory",
  [proto.EnforcementLevel.REMEDIATE]: "remediate",
  [proto.EnforcementLevel.DISABLED]: "disabled",
};

export class PackProcess {
  private constructor(
    private readonly process: ChildProcess,
    private readonly client: AnalyzerClient,
  ) {}

  static async start(): Promise<PackProcess> {
    const args = [RUN_POLICY_PACK, "127.0.0.1:0", path.join(ROOT, "policies")];
    const process_ = spawn(process.execPath, args, { cwd: path.join(ROOT, "policies") });
    const port = await portOf(process_);
    const client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
      "grpc.max_receive_message_length": 400 * 1024 * 1024,
    });
    return new PackProcess(process_, client);
  }

  stop(): void {
    this.client.close();
    this.process.kill();
  }

  info(): Promise<proto.AnalyzerInfo> {
    return this.ask((callback) => this.client.getAnalyzerInfo(new Empty(), callback));
  }

  /** Levels and settings by policy; what isn't named keeps its own level. */
  async configure(config: Readonly<Record<string, { level: Level; settings?: object }>>): Promise<void> {
    const request = new proto.ConfigureAnalyzerRequest();
    for (const [policy, { level, settings = {} }] of Object.entries(config)) {
      const each = new proto.PolicyConfig();
      each.setEnforcementlevel(Number(Object.entries(LEVELS).find(([, name]) => name === level)?.[0]));
      each.setProperties(Struct.fromJavaScript(settings as never));
      request.getPolicyconfigMap().set(policy, each);
    }
    await this.ask((callback) => this.client.configure(request, callback));
  }

  /** The inputs of each resource that has any, as the engine does before it registers it; at the end the stack's outputs. */
  async judge(resources: readonly StackResource[]): Promise<Diagnostic[]> {
    const single: proto.AnalyzeResponse[] = [];
    for (const resource of resources.filter(({ inputs }) => inputs !== undefined))
      single.push(await this.ask((callback) => this.client.analyze(analyzeRequest(resource), callback)));
    const request = new proto.AnalyzeStackRequest();
    request.setResourcesList(resources.map(analyzerResource));
    const stack = await this.ask<proto.AnalyzeResponse>((callback) => this.client.analyzeStack(request, callback));
    return [...single, stack].flatMap((response) => response.getDiagnosticsList().map(diagnostic));
  }

  async remediate(resource: StackResource): Promise<{ policy: string; properties: unknown; diagnostic: string }[]> {
    const response = await this.ask<proto.RemediateResponse>((callback) =>
      this.client.remediate(analyzeRequest(resource), callback),
    );
    return response.getRemediationsList().map((each) => ({
      policy: each.getPolicyname(),
      properties: each.getProperties()?.toJavaScript(),
      diagnostic: each.getDiagnostic(),
    }));
  }

  private ask<Answer>(call: (callback: (error: Error | null, answer: Answer) => void) => unknown): Promise<Answer> {
    return new Promise((resolve, reject) => {
      call((error, answer) => (error ? reject(error) : resolve(answer)));
    });
  }
}

/** Of the module that the client serializes with. */
const Empty = (AnalyzerClient as unknown as { service: { getAnalyzerInfo: { requestType: new () => never } } }).service
  .getAnalyzerInfo.requestType;

function portOf(process_: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let errors = "";
    process_.stderr?.on("data", (data) => (errors += String(data)));
    process_.stdout?.on("data", (data) => resolve(String(data).trim()));
    process_.on("exit", (code) => reject(new Error(`the policy pack ended with ${code}: ${errors}`)));
  });
}

function analyzeRequest({ urn, type, name, inputs = {} }: StackResource): proto.AnalyzeRequest {
  const request = new proto.AnalyzeRequest();
  request.setUrn(urn);
  request.setType(type);
  request.setName(name);
  request.setProperties(struct(inputs));
  request.setOptions(new proto.AnalyzerResourceOptions());
  return request;
}

function analyzerResource({
  urn,
  type,
  name,
  outputs,
  propertyDependencies = {},
}: StackResource): proto.AnalyzerResource {
  const resource = new proto.AnalyzerResource();
  resource.setUrn(urn);
  resource.setType(type);
  resource.setName(name);
  resource.setProperties(struct(outputs));
  resource.setOptions(new proto.AnalyzerResourceOptions());
  for (const [property, urns] of Object.entries(propertyDependencies)) {
    const dependencies = new proto.AnalyzerPropertyDependencies();
    dependencies.setUrnsList([...urns]);
    resource.getPropertydependenciesMap().set(property, dependencies);
  }
  return resource;
}

/** The engine's mark for an unknown text; unknowns of other types have others, and are told apart by nobody here. */
const UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

function struct(properties: object): Struct {
  return Struct.fromJavaScript(onTheWire(properties) as never);
}

function onTheWire(value: unknown): unknown {
  if (value === UNKNOWN) return UNKNOWN_TEXT;
  if (Array.isArray(value)) return value.map(onTheWire);
  if (typeof value !== "object" || value === null) return value;
  const known = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(known.map(([key, each]) => [key, onTheWire(each)]));
}

function diagnostic(each: proto.AnalyzeDiagnostic): Diagnostic {
  return {
    policy: each.getPolicyname(),
    level: LEVELS[each.getEnforcementlevel()]!,
    urn: each.getUrn(),
    message: each.getMessage(),
  };
}
