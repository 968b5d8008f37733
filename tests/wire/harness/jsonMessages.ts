/**
 * The JSON protocols, 1.0 and 1.1.
 * @see https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
import { shapeOf, type ServiceModel, type ShapeReference } from "./model";

/** The input that the text spells; what doesn't have its shape's type stays as it is, for the check to find. */
export function readJson(model: ServiceModel, reference: ShapeReference, value: unknown): unknown {
  const shape = shapeOf(model, reference);
  if (Array.isArray(value)) {
    return shape.type === "list" ? value.map((item) => readJson(model, shape.member, item)) : (value as unknown);
  }
  if (typeof value === "object" && value !== null) {
    const memberOf = (name: string): ShapeReference | undefined => {
      if (shape.type === "structure") return shape.members[name];
      return shape.type === "map" ? shape.value : undefined;
    };
    const read = Object.entries(value).map(([name, each]) => {
      const member = memberOf(name);
      return [name, member === undefined ? (each as unknown) : readJson(model, member, each)];
    });
    return Object.fromEntries(read);
  }
  if (shape.type === "timestamp" && typeof value === "number") return new Date(value * 1000);
  return shape.type === "blob" && typeof value === "string" ? Buffer.from(value, "base64") : value;
}

export function writeJson(value: unknown): string {
  return JSON.stringify(plain(value));
}

function plain(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
}
