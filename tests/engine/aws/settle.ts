/** What AWS does by and by: instances are refreshed, tasks placed. */
import type { Account } from "./account";
import { launchInstances } from "./types/compute";
import { settleService } from "./types/ecs";

export function settle(account: Account): void {
  for (const group of account.all("aws:autoscaling/group:Group")) launchInstances(group, account);
  for (const service of account.all("aws:ecs/service:Service")) settleService(service, account);
}
