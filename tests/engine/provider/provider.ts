/** The engine's calls, each turned into one of an Account's. */
import * as grpc from "@grpc/grpc-js";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { version as awsVersion } from "@pulumi/aws/package.json";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { resourceType, type Account } from "../aws/account";
import type { Props } from "../aws/resourceType";
import { changedInputs, difference, named, refreshedInputs, UNKNOWN } from "./inputs";

/** The engine holds a provider's version against the SDK's. */
const VERSION = awsVersion;

type Handler<Request, Response> = (request: Request) => Response;

const properties = (struct: Struct | undefined): Props => struct?.toJavaScript() ?? {};
const struct = (props: Props): Struct => Struct.fromJavaScript(props as Parameters<typeof Struct.fromJavaScript>[0]);

export class AwsProvider {
  private region = "";

  constructor(private readonly account: Account) {}

  handlers(): grpc.UntypedServiceImplementation {
    return {
      attach: unary(() => new Empty()),
      cancel: unary(() => new Empty()),
      getPluginInfo: unary(() => new plugin.PluginInfo().setVersion(VERSION)),
      checkConfig: unary((request: proto.CheckRequest) => new proto.CheckResponse().setInputs(request.getNews())),
      diffConfig: unary((request: proto.DiffRequest) => this.diffConfig(request)),
      configure: unary((request: proto.ConfigureRequest) => this.configure(request)),
      invoke: unary((request: proto.InvokeRequest) => this.invoke(request)),
      check: unary((request: proto.CheckRequest) => this.check(request)),
      diff: unary((request: proto.DiffRequest) => this.diff(request)),
      create: unary((request: proto.CreateRequest) => this.create(request)),
      read: unary((request: proto.ReadRequest) => this.read(request)),
      update: unary((request: proto.UpdateRequest) => this.update(request)),
      delete: unary((request: proto.DeleteRequest) => this.delete(request)),
    };
  }

  /** Another region is another place: the AWS provider replaces everything that was made by the old one. */
  private diffConfig(request: proto.DiffRequest): proto.DiffResponse {
    const moved = properties(request.getOldInputs()).region !== properties(request.getNews()).region;
    return new proto.DiffResponse()
      .setChanges(moved ? proto.DiffResponse.DiffChanges.DIFF_SOME : proto.DiffResponse.DiffChanges.DIFF_NONE)
      .setReplacesList(moved ? ["region"] : []);
  }

  private configure(request: proto.ConfigureRequest): proto.ConfigureResponse {
    this.region = String(properties(request.getArgs()).region);
    return new proto.ConfigureResponse().setSupportspreview(true);
  }

  private invoke(request: proto.InvokeRequest): proto.InvokeResponse {
    const { region } = this;
    const names = ["a", "b", "c"].map((zone) => region + zone);
    const answers: Readonly<Record<string, Props>> = {
      "aws:index/getRegion:getRegion": { id: region, region },
      "aws:index/getAvailabilityZones:getAvailabilityZones": { id: region, names, zoneIds: names },
    };
    const answer = answers[request.getTok()];
    if (!answer) throw new Error(`the provider of these tests has no ${request.getTok()}`);
    return new proto.InvokeResponse().setReturn(struct(answer));
  }

  private check(request: proto.CheckRequest): proto.CheckResponse {
    const spec = resourceType(request.getType());
    const [olds, news] = [properties(request.getOlds()), properties(request.getNews())];
    const inputs = named(spec, request.getName(), request.getRandomseed_asB64(), olds, news);
    return new proto.CheckResponse().setInputs(struct(inputs));
  }

  private diff(request: proto.DiffRequest): proto.DiffResponse {
    const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
    const news = properties(request.getNews());
    const olds = { ...properties(request.getOldInputs()), ...only(request.getIgnorechangesList(), news) };
    const { changed, replacedBy, deleteBeforeReplace } = difference(resourceType(request.getType()), olds, news);
    return new proto.DiffResponse()
      .setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE)
      .setDiffsList([...changed])
      .setReplacesList([...replacedBy])
      .setDeletebeforereplace(deleteBeforeReplace);
  }

  private create(request: proto.CreateRequest): proto.CreateResponse {
    const type = request.getType();
    const inputs = properties(request.getProperties());
    if (request.getPreview()) {
      const outputs = resourceType(type).outputs(inputs, { region: this.region, accountId: UNKNOWN, serial: 0 });
      return new proto.CreateResponse().setProperties(struct({ ...inputs, ...unknown(outputs) }));
    }
    const { id, props } = this.account.create(type, request.getUrn(), inputs, this.region);
    return new proto.CreateResponse().setId(id).setProperties(struct(props));
  }

  private read(request: proto.ReadRequest): proto.ReadResponse {
    const entry = this.account.find(request.getType(), request.getId());
    if (!entry) return new proto.ReadResponse();
    const inputs = refreshedInputs(properties(request.getInputs()), entry.props);
    return new proto.ReadResponse().setId(entry.id).setProperties(struct(entry.props)).setInputs(struct(inputs));
  }

  private update(request: proto.UpdateRequest): proto.UpdateResponse {
    const type = request.getType();
    const news = properties(request.getNews());
    if (request.getPreview()) {
      const olds = properties(request.getOlds());
      return new proto.UpdateResponse().setProperties(
        struct({ ...olds, ...news, ...unknown(resourceType(type).changedBy?.(olds)) }),
      );
    }
    // AWS is asked for what changes, and for nothing else.
    const changed = changedInputs(resourceType(type), properties(request.getOldInputs()), news);
    return new proto.UpdateResponse().setProperties(struct(this.account.update(type, request.getId(), changed).props));
  }

  private delete(request: proto.DeleteRequest): Empty {
    this.account.delete(request.getType(), request.getId());
    return new Empty();
  }
}

const only = (keys: readonly string[], props: Props): Props => Object.fromEntries(keys.map((key) => [key, props[key]]));

const unknown = (outputs: Props = {}): Props => Object.fromEntries(Object.keys(outputs).map((key) => [key, UNKNOWN]));

function unary<Request, Response>(handler: Handler<Request, Response>): grpc.handleUnaryCall<Request, Response> {
  return ({ request }, callback) => {
    try {
      callback(null, handler(request));
    } catch (error) {
      callback({ code: grpc.status.UNKNOWN, details: (error as Error).message });
    }
  };
}
