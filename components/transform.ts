/** The escape hatch of a component's child: the args as the component made them in, the args to declare out.
 * For a child's options (protect, provider, …) use Pulumi's own `transforms` resource option. */
export type Transform<Args> = (args: Args) => Args;

export function transformed<Args>(args: Args, transform: Transform<Args> | undefined): Args {
  return transform ? transform(args) : args;
}
