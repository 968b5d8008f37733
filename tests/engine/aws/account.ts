/**
 * An AWS account as these tests see it: what the provider was told to make, and AWS's refusals. A test tool: it knows the order
 * and the names that AWS insists on for the types that Spotproof declares, not what the resources do.
 */
import { text, type Place, type Props, type ResourceType } from "./resourceType";
import { RESOURCE_TYPES } from "./resourceTypes";
import type { Request } from "./routing";
import { servingTasks, unanswered } from "./serving";
import { settle } from "./settle";

export interface Entry {
  readonly type: string;
  readonly id: string;
  readonly region: string;
  readonly urn: string;
  /** Inputs and what AWS added. */
  props: Props;
  /** What is so in AWS and no property tells. */
  readonly live: Props;
}

export interface Call {
  readonly action: "create" | "update" | "delete";
  readonly type: string;
  readonly urn: string;
  readonly id: string;
  readonly region: string;
  /** Tasks that serve requests once it is done. */
  readonly serving: number;
  /** Of the requests that the account is asked to watch, those that no task answers once it is done. */
  readonly unanswered: readonly string[];
}

export class AwsError extends Error {}

export const ACCOUNT_ID = "123456789012";

export class Account {
  readonly calls: Call[] = [];
  /** The next create of a resource whose URN ends so fails. */
  failingCreates: string[] = [];
  /** What clients go on asking for. */
  watched: readonly Request[] = [];
  private readonly entries = new Set<Entry>();
  private serial = 0;

  all(type: string, region?: string): Entry[] {
    return [...this.entries].filter(
      (entry) => entry.type === type && (region === undefined || entry.region === region),
    );
  }

  get size(): number {
    return this.entries.size;
  }

  find(type: string, id: string): Entry | undefined {
    return this.all(type).find((entry) => entry.id === id);
  }

  create(type: string, urn: string, inputs: Props, region: string): Entry {
    const spec = resourceType(type);
    const failing = this.failingCreates.findIndex((end) => urn.endsWith(end));
    if (failing >= 0) {
      this.failingCreates.splice(failing, 1);
      throw new AwsError(`InternalFailure: ${type} could not be created`);
    }
    refuse(this.refusesName(spec, inputs, region) ?? spec.refusesCreate?.({ type, region, props: inputs }, this));
    const place = this.nextPlace(region);
    const props = { ...inputs, ...spec.outputs(inputs, place) };
    const id = spec.id === undefined ? `${type.split(":").at(-1)}-${place.serial}` : text(props, spec.id);
    const entry: Entry = { type, id, region, urn, props, live: {} };
    this.entries.add(entry);
    spec.created?.(entry, this);
    this.record("create", entry);
    return entry;
  }

  update(type: string, id: string, changed: Props): Entry {
    const spec = resourceType(type);
    const entry = this.existing(type, id);
    refuse(spec.refusesUpdate?.(entry, { ...entry.props, ...changed }, this));
    entry.props = { ...entry.props, ...changed, ...spec.changedBy?.(entry.props) };
    spec.updated?.(entry, this);
    this.record("update", entry);
    return entry;
  }

  delete(type: string, id: string): void {
    const spec = resourceType(type);
    const entry = this.find(type, id);
    if (!entry) return;
    refuse(spec.refusesDelete?.(entry, this));
    spec.deleted?.(entry, this);
    this.entries.delete(entry);
    this.record("delete", entry);
  }

  /** AWS itself, or somebody by hand, changes every resource of a type. */
  change(type: string, changed: (props: Props) => Props): void {
    for (const entry of this.all(type)) entry.props = { ...entry.props, ...changed(entry.props) };
  }

  /** Everything that AWS does by and by is done. */
  settle(): void {
    settle(this);
  }

  private existing(type: string, id: string): Entry {
    const entry = this.find(type, id);
    if (!entry) throw new AwsError(`NotFound: there is no ${type} ${id}`);
    return entry;
  }

  private refusesName({ type, named }: ResourceType, inputs: Props, region: string): string | undefined {
    if (!named) return undefined;
    const name = inputs[named.property] as string;
    if (name.length > named.longest) return `ValidationError: ${name} has more than ${named.longest} characters`;
    const taken = this.all(type, region).some(({ props }) => props[named.property] === name);
    return taken ? `AlreadyExists: there is a ${type} ${name}` : undefined;
  }

  private nextPlace(region: string): Place {
    this.serial += 1;
    return { region, accountId: ACCOUNT_ID, serial: this.serial };
  }

  private record(action: Call["action"], { type, urn, id, region }: Entry): void {
    const serving = servingTasks(this);
    this.calls.push({ action, type, urn, id, region, serving, unanswered: unanswered(this.watched, this) });
  }
}

function refuse(reason: string | undefined): void {
  if (reason !== undefined) throw new AwsError(reason);
}

export function resourceType(type: string): ResourceType {
  const spec = RESOURCE_TYPES.get(type);
  if (!spec) throw new AwsError(`the provider of these tests has no ${type}: describe it in aws/types`);
  return spec;
}
