import type { Law } from "./law";

export const noJobLost: Law = {
  name: "no job is lost: its message is there until it is done",
  watch: (_world, _promises, report, { lost }) => {
    lost.subscribe(({ job, how }) => report(job.messageId, how));
  },
};
