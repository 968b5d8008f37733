/** What an SDK client puts on the wire, read by its service's protocol, and what it is answered. */
import type { IncomingHttpHeaders } from "node:http";
import { readJson, writeJson } from "./jsonMessages";
import type { Models, Operation, ServiceModel } from "./model";
import { readForm, readParameters, writeXml, writeXmlError } from "./queryMessages";

export interface WireRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request as far as it could be read. */
export interface Message {
  readonly accessKey: string;
  readonly region: string;
  /** By IAM's prefix. */
  readonly service: string;
  readonly isJson: boolean;
  readonly model: ServiceModel;
  readonly operation: Operation;
  readonly input: Record<string, unknown>;
}

const SIGNATURE = /Credential=(?<accessKey>[^/]+)\/\d{8}\/(?<region>[^/]+)\/(?<service>[^/]+)\/aws4_request/;

/** Throws where the request is none of its service's: unsigned, of another protocol or version, or without operation. */
export function readMessage(models: Models, request: WireRequest): Message {
  const signature = SIGNATURE.exec(request.headers.authorization ?? "")?.groups;
  if (signature === undefined) throw new Error(`no signature in "${request.headers.authorization}"`);
  const { accessKey = "", region = "", service: signedFor = "" } = signature;
  const service = IAM_PREFIX[signedFor] ?? signedFor;
  const model = models.of(service);
  const isJson = speaksJson(model);
  const { name, read } = isJson ? fromJson(model, request) : fromForm(model, request);
  const operation = model.operations[name];
  if (operation === undefined) throw new Error(`${service} has no operation "${name}"`);
  return { accessKey, region, service, isJson, model, operation, input: read(operation) as Record<string, unknown> };
}

/** Where it isn't the name that requests are signed for. */
const IAM_PREFIX: Readonly<Record<string, string>> = { monitoring: "cloudwatch" };

/** Of several protocols, the SDK for JavaScript takes JSON. */
const speaksJson = ({ metadata }: ServiceModel): boolean =>
  (metadata.protocols ?? [metadata.protocol]).includes("json");

interface Named {
  readonly name: string;
  readonly read: (operation: Operation) => unknown;
}

function expectType({ headers }: WireRequest, wanted: string): void {
  const type = headers["content-type"]?.split(";")[0];
  if (type !== wanted) throw new Error(`content type ${type}: ${wanted}`);
}

function fromJson(model: ServiceModel, request: WireRequest): Named {
  expectType(request, `application/x-amz-json-${model.metadata.jsonVersion}`);
  const [prefix, name = ""] = String(request.headers["x-amz-target"]).split(".");
  if (prefix !== model.metadata.targetPrefix) throw new Error(`target ${prefix}: ${model.metadata.targetPrefix}`);
  const value = JSON.parse(request.body) as unknown;
  return { name, read: ({ input }) => (input === undefined ? value : readJson(model, input, value)) };
}

function fromForm(model: ServiceModel, request: WireRequest): Named {
  expectType(request, "application/x-www-form-urlencoded");
  const form = new URLSearchParams(request.body);
  const { apiVersion } = model.metadata;
  if (form.get("Version") !== apiVersion) throw new Error(`version ${form.get("Version")}: ${apiVersion}`);
  const name = form.get("Action") ?? "";
  form.delete("Version");
  form.delete("Action");
  const node = readForm(form);
  return { name, read: ({ input }) => (input === undefined ? node : readParameters(model, input, node)) };
}

const xml = (status: number, body: string): WireAnswer => ({ status, headers: { "content-type": "text/xml" }, body });

export function writeOutput({ isJson, model, operation }: Message, output: unknown): WireAnswer {
  if (!isJson) return xml(200, writeXml(model, operation, output));
  return { status: 200, headers: jsonHeaders(model), body: writeJson(output) };
}

/** An error as AWS names it, e.g. `ThrottlingException`. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly status: number;
}

export function writeError(
  { isJson, model }: Pick<Message, "isJson" | "model">,
  { code, message, status }: WireError,
): WireAnswer {
  const isOurs = status >= 500;
  if (!isJson) return xml(status, writeXmlError(model, code, message, isOurs));
  const forQuery = { "x-amzn-query-error": `${code};${isOurs ? "Receiver" : "Sender"}` };
  const headers = { ...jsonHeaders(model), ...(model.metadata.awsQueryCompatible && forQuery) };
  return { status, headers, body: writeJson({ __type: code, message }) };
}

const jsonHeaders = ({ metadata }: ServiceModel): Record<string, string> => ({
  "content-type": `application/x-amz-json-${metadata.jsonVersion}`,
});
