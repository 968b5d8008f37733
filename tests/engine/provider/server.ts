/**
 * A provider that the real engine takes for `aws` and `docker-build`: it keeps what it is told in an Account and gives back what AWS would add.
 * Spoken on the engine's own protocol, because @pulumi/pulumi/provider hands over neither the region nor whether it is a preview.
 */
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import type { Account } from "../aws/account";
import { AwsProvider } from "./provider";

export interface ProviderServer {
  /** Where the engine attaches: `PULUMI_DEBUG_PROVIDERS=aws:<port>`. */
  readonly port: number;
  close(): void;
}

const LARGEST_MESSAGE_BYTES = 64 * 1024 * 1024;

/** One for each package: each is configured by itself. */
export async function serveProvider(account: Account): Promise<ProviderServer> {
  const server = new grpc.Server({ "grpc.max_receive_message_length": LARGEST_MESSAGE_BYTES });
  server.addService(ResourceProviderService, new AwsProvider(account).handlers());
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return { port, close: () => server.forceShutdown() };
}
