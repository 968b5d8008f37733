/** Reading what a program declared: values as they are in AWS's terms, with a clear error where one is missing. */
import type { Resource } from "./monitor";

export type Inputs = Readonly<Record<string, unknown>>;

export class DeclaredProgram {
  constructor(readonly resources: readonly Resource[]) {}

  ofType(type: string): Resource[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  /** The resource of a type that another one names by name, ARN, id or URL. */
  named(type: string, reference: unknown): Resource | undefined {
    return this.ofType(type).find(
      (resource) =>
        resource.id === reference ||
        [resource.outputs.arn, resource.outputs.name, resource.outputs.url].includes(reference),
    );
  }

  /** The one that must be there. */
  required(type: string, reference: unknown, by: Resource): Resource {
    const found = this.named(type, reference);
    if (found === undefined)
      throw new Error(
        `${by.type} ${by.name} names ${type} ${JSON.stringify(reference)}, which the program doesn't declare: declare it, so that it can be rehearsed`,
      );
    return found;
  }
}

export const text = (value: unknown): string =>
  typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);

export const optionalNumber = (value: unknown): number | undefined =>
  value === undefined || value === null ? undefined : Number(value);

export const number = (value: unknown, byDefault: number): number => optionalNumber(value) ?? byDefault;

export const list = <T = Inputs>(value: unknown): readonly T[] => (Array.isArray(value) ? (value as T[]) : []);

export const object = (value: unknown): Inputs =>
  typeof value === "object" && value !== null ? (value as Inputs) : {};

/** The first of a list, or the object itself: providers write a single block either way. */
export const block = (value: unknown): Inputs => object(Array.isArray(value) ? value[0] : value);

export const json = (value: unknown): unknown =>
  typeof value === "string" && value !== "" ? JSON.parse(value) : value;

export const strings = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(object(value)).map(([key, each]) => [key, text(each)]));

export const isEnabled = (value: unknown): boolean => value === "ENABLED";

export const isTrue = (value: unknown): boolean => value === true || value === "true";
