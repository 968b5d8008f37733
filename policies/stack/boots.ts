/** Follows a group, fleet or instance to what launches it. */
import type { Boot } from "./agents";
import { objects, valueAt } from "./read";
import { isObject, UNKNOWN, type Properties, type Resource } from "./resource";
import type { Link, Stack } from "./stack";

interface Boots {
  readonly boots: readonly Boot[];
  readonly unseen: readonly string[];
}

/** Where a resource keeps a reference to a launch template. */
interface TemplateAt {
  /** The resource's property, which says where an unknown value comes from. */
  readonly property: string;
  readonly specification: unknown;
}

type Launched = "group" | "instance" | "spotInstanceRequest" | "spotFleetRequest" | "fleet";

export function bootsOf(stack: Stack, kind: Launched, resource: Resource): Boots {
  return joined(LAUNCHED_BY[kind](stack, resource));
}

const LAUNCHED_BY: Readonly<Record<Launched, (stack: Stack, resource: Resource) => Boots[]>> = {
  group: ofGroup,
  instance: ofInstance,
  spotInstanceRequest: ofInstance,
  spotFleetRequest: (stack, resource) => [
    ...specifications(resource),
    ...templates(stack, resource, templateConfigs(resource)),
  ],
  fleet: (stack, resource) => templates(stack, resource, templateConfigs(resource)),
};

function ofGroup(stack: Stack, group: Resource): Boots[] {
  const { props } = group;
  const mixed = valueAt(props, "mixedInstancesPolicy");
  if (mixed === UNKNOWN) return templates(stack, group, [{ property: "mixedInstancesPolicy", specification: UNKNOWN }]);
  if (mixed !== undefined) return templates(stack, group, mixedTemplates(props));
  const configuration = valueAt(props, "launchConfiguration");
  if (configuration !== undefined)
    return [asBoots(stack.follow(group, "launchConfiguration", configuration, "launchConfiguration"))];
  const specification = valueAt(props, "launchTemplate");
  return specification === undefined ? [] : templates(stack, group, [{ property: "launchTemplate", specification }]);
}

/** Overrides may name templates of their own, e.g. for another architecture. */
function mixedTemplates(props: Properties): TemplateAt[] {
  const path = "mixedInstancesPolicy.launchTemplate";
  const overrides = objects(props, `${path}.overrides`);
  const own = overrides.kind === "known" ? overrides.value.map((each) => each.launchTemplateSpecification) : [];
  return [valueAt(props, `${path}.launchTemplateSpecification`), ...own.filter((each) => each !== undefined)].map(
    (specification) => ({ property: "mixedInstancesPolicy", specification }),
  );
}

/** What an instance sets itself goes over its template's. */
function ofInstance(stack: Stack, instance: Resource): Boots[] {
  const specification = valueAt(instance.props, "launchTemplate");
  if (specification === undefined) return [{ boots: [{ resource: instance, props: instance.props }], unseen: [] }];
  return templates(stack, instance, [{ property: "launchTemplate", specification }]).map(({ boots, unseen }) => ({
    boots: boots.map(({ resource, props }) => ({ resource, props: { ...props, ...given(instance.props) } })),
    unseen,
  }));
}

const given = (props: Properties): Properties =>
  Object.fromEntries(Object.entries(props).filter(([key]) => valueAt(props, key) !== undefined));

/** A Spot fleet's own specifications. */
function specifications(fleet: Resource): Boots[] {
  const each = objects(fleet.props, "launchSpecifications");
  if (each.kind === "undecided") return [{ boots: [], unseen: [each.reason] }];
  return [{ boots: each.value.map((props) => ({ resource: fleet, props })), unseen: [] }];
}

function templateConfigs({ props }: Resource): TemplateAt[] {
  const property = "launchTemplateConfigs";
  const each = objects(props, property);
  if (each.kind === "undecided") return [{ property, specification: UNKNOWN }];
  return each.value.map(({ launchTemplateSpecification }) => ({
    property,
    specification: launchTemplateSpecification,
  }));
}

function templates(stack: Stack, from: Resource, each: readonly TemplateAt[]): Boots[] {
  return each.map(({ property, specification }) =>
    asBoots(stack.follow(from, property, reference(specification), "launchTemplate")),
  );
}

/** By id or by name, under the names that groups and fleets have for them. */
function reference(specification: unknown): unknown {
  if (!isObject(specification)) return specification === UNKNOWN ? UNKNOWN : undefined;
  const { launchTemplateId, id, launchTemplateName, name } = specification;
  const known = [launchTemplateId, id, launchTemplateName, name].find(
    (each) => typeof each === "string" && each !== "",
  );
  return known ?? UNKNOWN;
}

function asBoots(link: Link): Boots {
  if (link.kind === "unseen") return { boots: [], unseen: [link.reason] };
  return { boots: link.resources.map((resource) => ({ resource, props: resource.props })), unseen: [] };
}

function joined(each: readonly Boots[]): Boots {
  const boots = new Map(each.flatMap((one) => one.boots).map((boot) => [boot.props, boot]));
  return { boots: [...boots.values()], unseen: [...new Set(each.flatMap((one) => one.unseen))] };
}
