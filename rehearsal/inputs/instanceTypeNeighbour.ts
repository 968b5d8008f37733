/** The parts of an instance type's name, e.g. m6gd.2xlarge. */
interface TypeName {
  /** m */
  readonly series: string;
  /** 6 */
  readonly generation: number;
  /** gd */
  readonly options: string;
  /** 16: relative to other sizes of the family */
  readonly size: number;
}

/** Size normalization factors; price goes with them within a family. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/apply_ri.html */
const SIZE_FACTORS: Readonly<Record<string, number>> = {
  nano: 0.25,
  micro: 0.5,
  small: 1,
  medium: 2,
  large: 4,
  xlarge: 8,
};

function parseTypeName(type: string): TypeName | undefined {
  const [, series, generation, options, size = ""] = /^([a-z]+)(\d+)([a-z-]*)\.([a-z0-9]+)$/.exec(type) ?? [];
  const multiple = /^(\d+)xlarge$/.exec(size)?.[1];
  const factor = multiple === undefined ? SIZE_FACTORS[size] : SIZE_FACTORS.xlarge! * Number(multiple);
  if (series === undefined || options === undefined || factor === undefined) return undefined;
  return { series, generation: Number(generation), options, size: factor };
}

/** A type that is much like another, and how much larger the other is. */
export interface Neighbour {
  readonly type: string;
  readonly sizeRatio: number;
}

/**
 * Of the known types, the one most like a type that isn't known: of the same series (m, c, r, …), then processor architecture,
 * options (a, i, d, n, …), generation and size, in this order. Undefined if the series isn't known, or for a size without a factor (metal).
 */
export function nearestType(type: string, known: Iterable<string>): Neighbour | undefined {
  const wanted = parseTypeName(type);
  if (wanted === undefined) return undefined;
  let nearest: (Neighbour & { distance: number }) | undefined;
  for (const candidate of known) {
    const name = parseTypeName(candidate);
    if (name?.series !== wanted.series) continue;
    const distance = distanceOf(wanted, name);
    if (nearest === undefined || distance < nearest.distance) {
      nearest = { type: candidate, sizeRatio: wanted.size / name.size, distance };
    }
  }
  return nearest;
}

/** Weights far enough apart that the next criterion only decides between equals. */
function distanceOf(a: TypeName, b: TypeName): number {
  const isOtherArchitecture = a.options.includes("g") !== b.options.includes("g");
  return (
    (isOtherArchitecture ? 10_000 : 0) +
    (a.options === b.options ? 0 : 1_000) +
    Math.abs(a.generation - b.generation) * 50 +
    Math.abs(Math.log2(a.size / b.size))
  );
}
