/**
 * A Node.js language host, as far as a preview needs one: it runs programs and policy packs by the commands of @pulumi/pulumi, with
 * their own TypeScript loader, as Pulumi's own does. A test tool: Pulumi's own can't be built from its Go modules.
 */
import { spawn } from "node:child_process";
import path from "node:path";
import * as grpc from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/language_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

const COMMANDS = path.join(path.dirname(require.resolve("@pulumi/pulumi/package.json")), "cmd");

/** As the engine gives it, before its own flags. */
const engineAddress =
  process.argv
    .slice(2)
    .filter((argument) => !argument.startsWith("-"))
    .at(-1) ?? "";

type Unary<Request, Response> = grpc.handleUnaryCall<Request, Response>;

const answering =
  <Request, Response>(answer: Response): Unary<Request, Response> =>
  (_, callback) =>
    callback(null, answer);

const run: Unary<proto.RunRequest, proto.RunResponse> = ({ request }, callback) => {
  const flags = {
    monitor: request.getMonitorAddress(),
    engine: engineAddress,
    project: request.getProject(),
    stack: request.getStack(),
    organization: request.getOrganization(),
    pwd: request.getPwd(),
    parallel: request.getParallel(),
    "dry-run": request.getDryrun(),
  };
  const child = spawn(
    process.execPath,
    [
      path.join(COMMANDS, "run"),
      ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`),
      request.getInfo()!.getEntryPoint(),
    ],
    {
      cwd: request.getInfo()!.getProgramDirectory(),
      env: {
        ...process.env,
        PULUMI_NODEJS_TYPESCRIPT: "true",
        PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().toObject())),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
      },
      // The engine shows what the program prints through its own log.
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  child.on("exit", (code) =>
    callback(null, new proto.RunResponse().setError(code === 0 ? "" : `the program exited with ${code}`)),
  );
};

const runPlugin: grpc.handleServerStreamingCall<proto.RunPluginRequest, proto.RunPluginResponse> = (call) => {
  const folder = call.request.getInfo()!.getProgramDirectory();
  const child = spawn(
    process.execPath,
    [path.join(COMMANDS, "run-policy-pack"), ...call.request.getArgsList(), folder],
    {
      cwd: folder,
      env: {
        ...process.env,
        ...environmentOf(call.request.getEnvList()),
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  child.stdout.on("data", (data: Buffer) => call.write(new proto.RunPluginResponse().setStdout(data)));
  child.stderr.on("data", (data: Buffer) => call.write(new proto.RunPluginResponse().setStderr(data)));
  child.on("exit", (code) => {
    call.write(new proto.RunPluginResponse().setExitcode(code ?? 1));
    call.end();
  });
  call.on("cancelled", () => child.kill());
};

function environmentOf(assignments: readonly string[]): Record<string, string> {
  const parts = assignments.map((each) => [each.slice(0, each.indexOf("=")), each.slice(each.indexOf("=") + 1)]);
  return Object.fromEntries(parts) as Record<string, string>;
}

const server = new grpc.Server();
server.addService(LanguageRuntimeService, {
  handshake: answering(new proto.LanguageHandshakeResponse()),
  getPluginInfo: answering(new PluginInfo().setVersion("3.0.0")),
  getRequiredPlugins: answering(new proto.GetRequiredPluginsResponse()),
  getRequiredPackages: answering(new proto.GetRequiredPackagesResponse()),
  cancel: answering(new Empty()),
  run,
  runPlugin,
});
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
});
