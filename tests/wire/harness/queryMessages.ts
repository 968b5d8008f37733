/**
 * The query protocol, and EC2's dialect of it: flat form parameters in, XML out.
 * @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 * @see https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
 */
import { shapeOf, type List, type Operation, type Scalar, type ServiceModel } from "./model";
import type { ShapeReference, Structure } from "./model";

/** What a name's dots spell: `A.member.1=x` is `A` → `member` → `1` → `x`. */
type Node = string | Map<string, Node>;

const isEc2 = (model: ServiceModel): boolean => model.metadata.protocol === "ec2";
const children = (node: Node | undefined): Map<string, Node> => (node instanceof Map ? node : new Map<string, Node>());

export function readForm(form: URLSearchParams): Map<string, Node> {
  const root = new Map<string, Node>();
  for (const [name, value] of form) {
    const steps = name.split(".");
    const last = steps.pop()!;
    let at = root;
    for (const step of steps) {
      const next = children(at.get(step));
      at.set(step, next);
      at = next;
    }
    at.set(last, value);
  }
  return root;
}

/** The input that the parameters spell. A parameter that spells no member stays under its own name. */
export function readParameters(model: ServiceModel, reference: ShapeReference, node: Node): unknown {
  const shape = shapeOf(model, reference);
  if (shape.type === "structure") return readStructure(model, shape, children(node));
  if (shape.type === "list") return readList(model, shape, node);
  if (shape.type !== "map") return typeof node === "string" ? READ[shape.type](node) : node;
  throw new Error(`${reference.shape} is a map, which no request read here has: read it in ${__filename}`);
}

function readStructure(model: ServiceModel, shape: Structure, parameters: Map<string, Node>): object {
  const byParameter = new Map(
    Object.entries(shape.members).map(([name, each]) => [parameterOf(model, name, each), name]),
  );
  const entries = [...parameters].map(([parameter, node]) => {
    const name = byParameter.get(parameter);
    return [name ?? parameter, name === undefined ? node : readParameters(model, shape.members[name]!, node)];
  });
  return Object.fromEntries(entries) as object;
}

function parameterOf(model: ServiceModel, name: string, { locationName, queryName }: ShapeReference): string {
  if (!isEc2(model)) return locationName ?? name;
  const base = locationName ?? name;
  return queryName ?? `${base[0]!.toUpperCase()}${base.slice(1)}`;
}

/** An empty list is the parameter alone, without a value. */
function readList(model: ServiceModel, shape: List, node: Node): unknown {
  if (node === "") return [];
  const isFlat = isEc2(model) || shape.flattened === true;
  const numbered = isFlat ? node : children(node).get(shape.member.locationName ?? "member");
  const inOrder = [...children(numbered)].sort(([a], [b]) => Number(a) - Number(b));
  return inOrder.map(([, item]) => readParameters(model, shape.member, item));
}

const readNumber = (text: string): unknown => (text.trim() === "" || Number.isNaN(Number(text)) ? text : Number(text));

/** Text that doesn't spell a value of its type stays text, for the check to find. */
const READ: Readonly<Record<Scalar["type"], (text: string) => unknown>> = {
  string: (text) => text,
  boolean: (text) => (text === "true" || text === "false" ? text === "true" : text),
  integer: readNumber,
  long: readNumber,
  float: readNumber,
  double: readNumber,
  timestamp: (text) => new Date(text),
  blob: (text) => Buffer.from(text, "base64"),
};

const REQUEST_ID = "00000000-0000-4000-8000-000000000000";

export function writeXml(model: ServiceModel, operation: Operation, output: unknown): string {
  const { output: reference, name } = operation;
  const content = reference === undefined ? "" : xmlOf(model, reference, output);
  const namespace = ` xmlns="${model.metadata.xmlNamespace}"`;
  if (isEc2(model)) return element(`${name}Response`, element("requestId", REQUEST_ID) + content, namespace);
  const result = reference?.resultWrapper === undefined ? content : element(reference.resultWrapper, content);
  const metadata = element("ResponseMetadata", element("RequestId", REQUEST_ID));
  return element(`${name}Response`, result + metadata, namespace);
}

export function writeXmlError(model: ServiceModel, code: string, message: string, isOurs: boolean): string {
  const error = element("Code", code) + element("Message", escaped(message));
  if (isEc2(model)) {
    return element("Response", element("Errors", element("Error", error)) + element("RequestID", REQUEST_ID));
  }
  const type = element("Type", isOurs ? "Receiver" : "Sender");
  return element("ErrorResponse", element("Error", type + error) + element("RequestId", REQUEST_ID));
}

const element = (name: string, content: string, attributes = ""): string =>
  `<${name}${attributes}>${content}</${name}>`;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

function xmlOf(model: ServiceModel, reference: ShapeReference, value: unknown): string {
  const shape = shapeOf(model, reference);
  if (shape.type === "structure") {
    const given = Object.entries(value as object).filter(([, each]) => each !== undefined);
    return given.map(([name, each]) => memberXml(model, shape.members[name]!, name, each)).join("");
  }
  if (shape.type === "list") {
    return (value as unknown[]).map((item) => memberXml(model, shape.member, "member", item)).join("");
  }
  if (shape.type !== "map") return escaped(scalarText(value));
  throw new Error(`${reference.shape} is a map, which no answer written here has: write it in ${__filename}`);
}

function memberXml(model: ServiceModel, reference: ShapeReference, name: string, value: unknown): string {
  return element(reference.locationName ?? name, xmlOf(model, reference, value));
}

function scalarText(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : String(value);
}
