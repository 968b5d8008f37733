interface OnInstance<K extends string> {
  readonly kind: K;
  readonly instanceId: string;
  readonly reason: string;
}

interface OnContainerInstance<K extends string> extends OnInstance<K> {
  readonly containerInstanceArn: string;
}

/** What is done about a recommendation beside draining and detaching. */
export type HintAction =
  /** Tags it with the time of its recommendation, in milliseconds since the epoch. */
  | (OnContainerInstance<"mark"> & { readonly at: number })
  /** Takes the tag off; `inVain`: nothing came of the recommendation in its time. */
  | (OnContainerInstance<"unmark"> & { readonly inVain: boolean })
  | OnContainerInstance<"activate">
  /** Puts it back into its group, which wants one more then; `lowerTo`: the desired capacity to set before. */
  | (OnInstance<"attach"> & { readonly lowerTo: number | undefined })
  /** Does nothing, and says why. */
  | OnInstance<"wait">;
