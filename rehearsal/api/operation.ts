/** What an API call of a function is made of: checked input, what IAM asks, and the answer from the world. */
import type { Request } from "../world/iam";
import type { Bucket } from "../world/throttles";
import type { World } from "../world/world";

/** An error as the SDK throws it. */
export class ApiError extends Error {
  readonly $fault: "client" | "server";
  readonly $metadata: { readonly httpStatusCode: number };

  constructor(
    override readonly name: string,
    message: string,
    httpStatusCode = 400,
  ) {
    super(message);
    this.$fault = httpStatusCode >= 500 ? "server" : "client";
    this.$metadata = { httpStatusCode };
  }
}

export type { Bucket };

// The commands' inputs come from the SDK's own types; the table of all operations can't name them.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export interface Operation<I = any> {
  /** Required members of the input. */
  readonly requires: readonly string[];
  /** Limits of the API that the input breaks, in AWS's words; undefined where it breaks none. */
  readonly limits?: (this: void, input: I) => string | undefined;
  readonly bucket?: Bucket;
  /** Reads may answer stale. */
  readonly kind: "read" | "modify";
  readonly request: (input: I, world: World) => Request;
  /** `caller`: the function's name. */
  readonly run: (input: I, world: World, asOf: number, caller: string) => object;
}

/** At most so many items in a list of the input. */
export function atMost<K extends string>(
  member: K,
  limit: number,
): (input: Partial<Record<K, readonly unknown[]>>) => string | undefined {
  return (input) => {
    const length = input[member]?.length ?? 0;
    return length > limit ? `${member} has ${length} items: at most ${limit}` : undefined;
  };
}

export const anywhere = [{ arn: "*", context: {} }];

/** How many items a listing gives at once. */
export interface PageSize {
  readonly byDefault: number;
  readonly most: number;
}

/** One page of a listing; the token says where the next one starts. */
export function paged<T>(
  all: readonly T[],
  token: string | undefined,
  asked: number | undefined,
  { byDefault, most }: PageSize,
): { readonly items: readonly T[]; readonly next: string | undefined } {
  if (asked !== undefined && !(asked >= 1 && asked <= most)) {
    throw new ApiError("InvalidParameterException", `${asked} results a page: 1 to ${most}`);
  }
  const start = Number(token ?? 0);
  const end = start + (asked ?? byDefault);
  return { items: all.slice(start, end), next: end < all.length ? String(end) : undefined };
}
