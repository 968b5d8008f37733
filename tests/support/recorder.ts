/** What a program declares, found as tests look for it. */
import { record as recordResources, type Resource } from "../../rehearsal/deploy/monitor";
import { mockAnswer } from "../../rehearsal/deploy/mockOutputs";
import { PLACE } from "./stage";

export type Recorded = Resource;

export class Recording {
  readonly resources: Recorded[] = [];

  ofType(type: string): Recorded[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  /** The one resource of a type, or of a type and a name. */
  only(type: string, name?: string): Recorded {
    const found = this.ofType(type).filter((resource) => name === undefined || resource.name === name);
    const [resource] = found;
    if (!resource || found.length > 1)
      throw new Error(`${found.length} resources of type ${type}, name ${name ?? "any"}`);
    return resource;
  }

  /** Whether `resource` is declared after `other`, and so deleted before it. */
  needs(resource: Recorded, other: Recorded): boolean {
    const visited = new Set<string>();
    const reaches = (urn: string): boolean => {
      if (urn === other.urn) return true;
      if (visited.has(urn)) return false;
      visited.add(urn);
      return (this.resources.find((each) => each.urn === urn)?.dependencies ?? []).some(reaches);
    };
    return resource.dependencies.some(reaches);
  }
}

export interface Configuration {
  /** Keys with their namespace; values as the engine gives them. */
  readonly config?: Readonly<Record<string, string>>;
  readonly secretKeys?: readonly string[];
}

/** Runs `program` to its end and returns what it declared. */
export async function record(program: () => unknown, configuration: Configuration = {}): Promise<Recording> {
  const { recording, error } = await attempt(program, configuration);
  if (error) throw error;
  return recording;
}

/** Runs a program that must fail, and returns its error's message and what it had declared by then. */
export async function recordFailure(
  program: () => unknown,
  configuration: Configuration = {},
): Promise<{ message: string; recording: Recording }> {
  const { recording, error } = await attempt(program, configuration);
  if (!error) throw new Error("the program didn't fail");
  return { message: error.message, recording };
}

async function attempt(
  program: () => unknown,
  { config = {}, secretKeys = [] }: Configuration,
): Promise<{ recording: Recording; error?: Error }> {
  const recording = new Recording();
  const listener = {
    declared: (resource: Resource) => void recording.resources.push(resource),
    called: (token: string) => {
      if (mockAnswer(token, PLACE)) return;
      throw new Error(`the program calls ${token}, which these mocks don't know`);
    },
  };
  try {
    await recordResources(program, { project: "spotproof", stack: "test", ...PLACE, config, secretKeys }, listener);
    return { recording };
  } catch (error) {
    return { recording, error: error as Error };
  }
}

/** Runs a module as Pulumi would, from the start each time. */
export function freshProgram(path: string): () => unknown {
  return () => {
    const resolved = require.resolve(path);
    delete require.cache[resolved];
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- see above
    return require(resolved) as unknown;
  };
}
