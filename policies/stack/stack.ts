/** A stack's resources, and who names whom: by value, or, where the value is unknown, by where it comes from. */
import { valueAt } from "./read";
import { Resource, UNKNOWN, type StackResource } from "./resource";
import { TYPES, type Kind } from "./types";

/** What a reference leads to. Several where its value is unknown and comes from several. */
export type Link =
  | { readonly kind: "found"; readonly resources: readonly Resource[] }
  | { readonly kind: "unseen"; readonly reason: string };

export class Stack {
  readonly resources: readonly Resource[];
  private readonly byUrn: ReadonlyMap<string, Resource>;
  private readonly byType = new Map<string, Resource[]>();
  private readonly byIdentity = new Map<Kind, Map<string, Resource>>();
  private readonly referrers = new Map<string, Map<Resource, Resource[]>>();
  private readonly answers = new Map<unknown, Map<unknown, unknown>>();

  constructor(given: readonly StackResource[]) {
    this.resources = given.filter(({ type }) => type.startsWith("aws:")).map((each) => new Resource(each));
    this.byUrn = new Map(this.resources.map((each) => [each.urn, each]));
    for (const resource of this.resources) {
      const sameType = this.byType.get(resource.type);
      if (sameType) sameType.push(resource);
      else this.byType.set(resource.type, [resource]);
    }
  }

  all(kind: Kind): readonly Resource[] {
    return TYPES[kind].flatMap((type) => this.byType.get(type) ?? []);
  }

  /** Follows a reference that `from` has in `property`, e.g. an ARN; undefined leads nowhere. */
  follow(from: Resource, property: string, reference: unknown, kind: Kind): Link {
    if (reference === UNKNOWN) return this.comesFrom(from, property, kind);
    if (typeof reference !== "string") return { kind: "found", resources: [] };
    const found = this.named(kind, reference);
    if (found) return { kind: "found", resources: [found] };
    return { kind: "unseen", reason: `${property} ${reference} isn't in this stack` };
  }

  /** Those of `kind` whose property at `path` leads to `target`. */
  referring(kind: Kind, path: string, target: Resource, targetKind: Kind): readonly Resource[] {
    const question = [kind, path, targetKind].join();
    let index = this.referrers.get(question);
    if (!index) this.referrers.set(question, (index = this.indexReferrers(kind, path, targetKind)));
    return index.get(target) ?? [];
  }

  private indexReferrers(kind: Kind, path: string, targetKind: Kind): Map<Resource, Resource[]> {
    const index = new Map<Resource, Resource[]>();
    const [property = path] = path.split(".");
    for (const from of this.all(kind)) {
      const link = this.follow(from, property, valueAt(from.props, path), targetKind);
      for (const target of link.kind === "found" ? link.resources : [])
        index.set(target, [...(index.get(target) ?? []), from]);
    }
    return index;
  }

  /** Those of a kind that a property's value comes from. */
  dependenciesOf(from: Resource, property: string, kind: Kind): readonly Resource[] {
    const types: readonly string[] = TYPES[kind];
    return from.dependenciesOf(property).flatMap((urn) => {
      const resource = this.byUrn.get(urn);
      return resource && types.includes(resource.type) ? [resource] : [];
    });
  }

  named(kind: Kind, identity: string): Resource | undefined {
    let known = this.byIdentity.get(kind);
    if (!known) {
      known = new Map(this.all(kind).flatMap((each) => each.identities.map((name) => [name, each] as const)));
      this.byIdentity.set(kind, known);
    }
    return known.get(identity);
  }

  /** What `ask` answers about a subject, asked once however many rules want it. */
  once<Subject, Answer>(ask: (stack: Stack, subject: Subject) => Answer, subject: Subject): Answer {
    let answers = this.answers.get(ask);
    if (!answers) this.answers.set(ask, (answers = new Map()));
    if (!answers.has(subject)) answers.set(subject, ask(this, subject));
    return answers.get(subject) as Answer;
  }

  private comesFrom(from: Resource, property: string, kind: Kind): Link {
    const resources = this.dependenciesOf(from, property, kind);
    if (resources.length > 0) return { kind: "found", resources };
    return { kind: "unseen", reason: `${property} isn't known before the update, nor does it come from this stack` };
  }
}
