import { SPOT } from "../world/constants";
import type { Law } from "./law";

/** An agent or a function that needs longer than this to hear of a notice is no use. */
const REACTION_MS = 60_000;

export const drainingBeforeTheEnd: Law = {
  name: "every instance that was noticed is DRAINING before it ends",
  watch: (world, promises, report) => {
    const clusters = new Set(promises.map((promise) => promise.cluster));
    world.ec2.ended.subscribe(({ id, interruption }) => {
      if (interruption?.noticedAt === undefined) return;
      for (const cluster of clusters) {
        const instance = cluster.instanceOf(id);
        const hadTime =
          instance !== undefined && instance.registeredAt < interruption.endsAt - SPOT.noticeMs + REACTION_MS;
        if (hadTime && instance.status === "ACTIVE") report(id, "ended while it was ACTIVE");
      }
    });
  },
};
