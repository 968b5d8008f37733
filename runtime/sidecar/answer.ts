/** What the sidecar answers. */
export interface Answer {
  readonly status: number;
  /** Sent as JSON, a string as it is; nothing where there is none. */
  readonly body?: unknown;
}

export const ok = (body: unknown): Answer => ({ status: 200, body });

export const refused = (status: number, error: string): Answer => ({ status, body: { error } });

/** Part of a path; undefined where it isn't encoded as one. */
export function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
