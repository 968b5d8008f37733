type Resolved<Args, Defaults> = Omit<Args, keyof Defaults> & {
  [Key in keyof Defaults]: Key extends keyof Args ? NonNullable<Args[Key]> : Defaults[Key];
};

/** The args with each one that isn't given replaced by its default. An explicit `undefined` counts as not given. */
export function withDefaults<Args extends object, Defaults extends object>(
  args: Args,
  defaults: Defaults,
): Resolved<Args, Defaults> {
  const given = args as Record<string, unknown>;
  const filled = Object.entries(defaults).map(([key, value]): [string, unknown] => [key, given[key] ?? value]);
  return { ...args, ...Object.fromEntries(filled) } as Resolved<Args, Defaults>;
}
