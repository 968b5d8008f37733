import type { Law } from "./law";

export const functionsStart: Law = {
  name: "every function starts",
  watch: (world, _promises, report) => {
    for (const fn of world.functions) fn.initializationFailed.subscribe((error) => report(fn.spec.name, error));
  },
};
