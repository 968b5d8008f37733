import { createHash } from "node:crypto";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

/**
 * A source of uniform numbers in [0, 1), the same for the same seed and name.
 *
 * Everything that draws has a stream of its own name, so that one more thing that draws leaves
 * the draws of the others as they were. The whole 128-bit state comes from a hash of seed and name:
 * neighbouring seeds and similar names give unrelated streams from the first draw on.
 */
export function randomStream(seed: number, name: string): () => number {
  const digest = createHash("sha256").update(`${seed}\n${name}`).digest();
  const generator = xoroshiro128plusFromState([0, 4, 8, 12].map((offset) => digest.readInt32BE(offset)));
  return () => uniformFloat64(generator);
}
