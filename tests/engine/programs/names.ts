/** Names that come from the configuration, namespace `names`. */
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config("names");

/** Gives a child the name that the configuration has for it. */
export const renamed =
  (child: string, property = "name") =>
  <Args extends object>(args: Args): Args => {
    const name = config.get(child);
    return name === undefined ? args : { ...args, [property]: name };
  };
