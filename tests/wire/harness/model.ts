/** AWS's published models of its APIs, as botocore ships them: operations, and the shapes of their inputs and outputs. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

export interface ShapeReference {
  readonly shape: string;
  readonly locationName?: string;
  /** Of EC2's requests only. */
  readonly queryName?: string;
}

interface Shape {
  readonly required?: readonly string[];
  /** Length of a string, a list or a blob; size of a number. */
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly flattened?: boolean;
  /** Of an error: how the query protocol and the HTTP status tell it. */
  readonly error?: { readonly code?: string; readonly httpStatusCode?: number };
}

export interface Structure extends Shape {
  readonly type: "structure";
  readonly members: Readonly<Record<string, ShapeReference>>;
}

export interface List extends Shape {
  readonly type: "list";
  readonly member: ShapeReference;
}

export interface Dictionary extends Shape {
  readonly type: "map";
  readonly key: ShapeReference;
  readonly value: ShapeReference;
}

export interface Scalar extends Shape {
  readonly type: "string" | "blob" | "boolean" | "integer" | "long" | "float" | "double" | "timestamp";
}

export type AnyShape = Structure | List | Dictionary | Scalar;

export interface Operation {
  readonly name: string;
  readonly input?: ShapeReference;
  readonly output?: ShapeReference & { readonly resultWrapper?: string };
}

export interface ServiceModel {
  readonly metadata: {
    readonly apiVersion: string;
    readonly protocol: string;
    /** All that the service speaks, where it speaks several. */
    readonly protocols?: readonly string[];
    readonly jsonVersion?: string;
    readonly targetPrefix?: string;
    readonly xmlNamespace?: string;
    readonly awsQueryCompatible?: object;
  };
  readonly operations: Readonly<Record<string, Operation>>;
  readonly shapes: Readonly<Record<string, AnyShape>>;
}

/** By the name by which IAM knows the service: its folder. */
const FOLDERS: Readonly<Record<string, string>> = {
  "application-autoscaling": "application-autoscaling",
  autoscaling: "autoscaling",
  cloudwatch: "cloudwatch",
  ec2: "ec2",
  ecs: "ecs",
  elasticloadbalancing: "elbv2",
  sqs: "sqs",
};

export class Models {
  private readonly loaded = new Map<string, ServiceModel>();

  /** @param folder holds one folder per service, with one per version of its API. */
  constructor(private readonly folder: string) {}

  of(service: string): ServiceModel {
    const known = this.loaded.get(service) ?? this.load(service);
    this.loaded.set(service, known);
    return known;
  }

  private load(service: string): ServiceModel {
    const name = FOLDERS[service];
    if (name === undefined) {
      throw new Error(`No model of ${service}: there are ${Object.keys(FOLDERS).join(", ")}. Add it to FOLDERS.`);
    }
    const latest = readdirSync(join(this.folder, name)).sort().at(-1)!;
    const zipped = readFileSync(join(this.folder, name, latest, "service-2.json.gz"));
    return JSON.parse(gunzipSync(zipped).toString("utf8")) as ServiceModel;
  }
}

export function shapeOf({ shapes }: ServiceModel, { shape }: ShapeReference): AnyShape {
  const found = shapes[shape];
  if (found === undefined) throw new Error(`The model has no shape ${shape}`);
  return found;
}
