/** Holds a request or an answer against the shape that AWS publishes for it. */
import { shapeOf, type AnyShape, type Dictionary, type List, type Scalar } from "./model";
import type { ServiceModel, ShapeReference, Structure } from "./model";

/** Everything about `value` that its shape doesn't allow, each with its path, what was given and what is allowed. */
export function problemsIn(model: ServiceModel, reference: ShapeReference, value: unknown, path: string): string[] {
  const shape = shapeOf(model, reference);
  if (!isOfType(shape, value)) return [`${path} is ${JSON.stringify(value)}: ${article(shape.type)} ${shape.type}`];
  if (shape.type === "structure") return inStructure(model, shape, value as Record<string, unknown>, path);
  if (shape.type === "list") return inList(model, shape, value as unknown[], path);
  if (shape.type === "map") return inMap(model, shape, value as Record<string, unknown>, path);
  return inScalar(shape, value, path);
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);
const isNumber = (value: unknown): boolean => typeof value === "number";

const IS_OF_TYPE: Readonly<Record<AnyShape["type"], (value: unknown) => boolean>> = {
  structure: isObject,
  map: isObject,
  list: (value) => Array.isArray(value),
  string: (value) => typeof value === "string",
  blob: (value) => value instanceof Uint8Array,
  boolean: (value) => typeof value === "boolean",
  integer: (value) => Number.isInteger(value),
  long: (value) => Number.isInteger(value),
  float: isNumber,
  double: isNumber,
  timestamp: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
};

const article = (type: string): string => (/^[aeiou]/.test(type) ? "an" : "a");

function isOfType({ type }: AnyShape, value: unknown): boolean {
  return IS_OF_TYPE[type](value);
}

/** As in the SDK, a member that is undefined is not there. */
const given = (value: Record<string, unknown>): [string, unknown][] =>
  Object.entries(value).filter(([, each]) => each !== undefined);

function inStructure(model: ServiceModel, shape: Structure, value: Record<string, unknown>, path: string): string[] {
  const missing = (shape.required ?? []).filter((name) => value[name] === undefined);
  const within = given(value).flatMap(([name, each]) => {
    const member = shape.members[name];
    if (member !== undefined) return problemsIn(model, member, each, `${path}.${name}`);
    return [`${path}.${name} is no member: ${Object.keys(shape.members).join(", ")}`];
  });
  return [...missing.map((name) => `${path}.${name} is missing`), ...within];
}

function inList(model: ServiceModel, shape: List, value: readonly unknown[], path: string): string[] {
  const within = value.flatMap((each, index) => problemsIn(model, shape.member, each, `${path}[${index}]`));
  return [...outOfBounds(shape, value.length, `${path} has ${value.length} items`), ...within];
}

function inMap(model: ServiceModel, shape: Dictionary, value: Record<string, unknown>, path: string): string[] {
  const entries = given(value);
  const within = entries.flatMap(([key, each]) => [
    ...problemsIn(model, shape.key, key, `${path}'s key ${key}`),
    ...problemsIn(model, shape.value, each, `${path}.${key}`),
  ]);
  return [...outOfBounds(shape, entries.length, `${path} has ${entries.length} entries`), ...within];
}

function inScalar(shape: Scalar, value: unknown, path: string): string[] {
  if (typeof value === "number") return outOfBounds(shape, value, `${path} is ${value}`);
  if (value instanceof Uint8Array) return outOfBounds(shape, value.length, `${path} has ${value.length} bytes`);
  if (typeof value !== "string") return [];
  const problems = outOfBounds(shape, value.length, `${path} has ${value.length} characters`);
  if (shape.enum?.includes(value) === false) problems.push(`${path} is ${value}: ${shape.enum.join(", ")}`);
  // The models mean the whole value, and write characters beyond the first plane as pairs.
  if (shape.pattern !== undefined && !new RegExp(`^(?:${shape.pattern})$`, "u").test(value)) {
    problems.push(`${path} is ${value}: it must match ${shape.pattern}`);
  }
  return problems;
}

function outOfBounds({ min, max }: AnyShape, size: number, what: string): string[] {
  if (min !== undefined && size < min) return [`${what}: at least ${min}`];
  return max !== undefined && size > max ? [`${what}: at most ${max}`] : [];
}
