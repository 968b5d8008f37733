/** Plays a market's events on EC2: who is taken back, who is told, and when. */
import type { Market, MarketEvent, PoolSelector } from "../../inputs/market";
import { between, type Context, type Random } from "../context";
import { PRIORITY } from "../clock";
import { SPOT } from "../constants";
import type { Ec2 } from "./ec2";
import type { Instance } from "./instance";
import { selects } from "./spotMarket";

type Of<K extends MarketEvent["kind"]> = Extract<MarketEvent, { kind: K }>;

/** Every draw comes from a stream of its own event, so that what one variant does leaves the next event as it was. */
export function playMarket(market: Market, ec2: Ec2, context: Context): void {
  for (const event of market.events) {
    const { instanceType = "*", availabilityZone = "*" } = event.pool;
    const random = context.random(`market/${event.kind}/${event.atMs}/${availabilityZone}/${instanceType}`);
    switch (event.kind) {
      case "capacity":
        context.clock.at(
          event.atMs,
          () => {
            ec2.market.limit(event.pool, event.capacity);
            ec2.marketMoved.publish(undefined);
          },
          PRIORITY.end,
        );
        break;
      case "recommend":
        context.clock.at(event.atMs, () =>
          draw(up(ec2, event.pool), event.share, random).forEach((each) => ec2.recommend(each)),
        );
        break;
      case "reclaim":
        playReclaim(event, ec2, context, random);
        break;
      default:
        event satisfies never;
    }
  }
}

/** Recommends first, to those that will be taken, where there is a recommendation at all; then notices, then takes. */
function playReclaim(event: Of<"reclaim">, ec2: Ec2, context: Context, random: Random): void {
  const { clock, flags } = context;
  const marked: Instance[] = [];
  const hasRecommendation = random() >= SPOT.withoutRecommendation;
  const lead = between(random, SPOT.recommendationLeadMs);
  const noticeAt = event.atMs - SPOT.noticeMs;
  if (hasRecommendation) {
    clock.at(noticeAt - lead, () => {
      marked.push(...draw(up(ec2, event.pool), event.share, random));
      marked.forEach((each) => ec2.recommend(each));
    });
  }
  clock.at(
    noticeAt,
    () => {
      const candidates = up(ec2, event.pool).filter((each) => each.interruption === undefined);
      const preferred = candidates.filter((each) => marked.includes(each));
      const rest = candidates.filter((each) => !marked.includes(each));
      for (const victim of draw(candidates, event.share, random, [...preferred, ...shuffled(rest, random)])) {
        const delay = Math.round(random() * event.spreadMs);
        const silent = random() < SPOT.withoutNotice;
        if (flags.rebalanceGuaranteed) ec2.recommend(victim);
        clock.after(delay, () => ec2.interrupt(victim, clock.now + SPOT.noticeMs, silent), PRIORITY.end);
      }
    },
    PRIORITY.end,
  );
}

function up(ec2: Ec2, pool: PoolSelector): Instance[] {
  return [...ec2.living.values()].filter((each) => each.lifecycle === "spot" && ec2.isUp(each) && selects(pool, each));
}

/** `share` of the candidates, the odd part drawn, so that the expected number is exact. */
function draw(
  candidates: readonly Instance[],
  share: number,
  random: Random,
  order = shuffled(candidates, random),
): Instance[] {
  const exact = candidates.length * share;
  const count = Math.floor(exact) + (random() < exact - Math.floor(exact) ? 1 : 0);
  return order.slice(0, count);
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
