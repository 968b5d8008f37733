/** What can be wrong with the prices of a dashboard's estimate. */
import type { InstancePrices } from "./dashboardSections";
import type { Problem } from "../problems";

export function instancePricesProblems(property: string, prices: InstancePrices | undefined): Problem[] {
  if (!prices) return [];
  const { onDemandPerHour, spotPerHour } = prices;
  const single = Object.entries({ onDemandPerHour, spotPerHour })
    .filter(([, given]) => !(Number.isFinite(given) && given > 0))
    .map(([name, given]) => {
      return { property: `${property}.${name}`, given, allowed: "dollars an hour, more than 0", change: "raise it" };
    });
  if (single.length > 0 || spotPerHour <= onDemandPerHour) return single;
  const allowed = `at most onDemandPerHour, which is ${onDemandPerHour}: no Spot Instance costs more`;
  return [
    { property: `${property}.spotPerHour`, given: spotPerHour, allowed, change: "swap the two prices, or lower it" },
  ];
}
