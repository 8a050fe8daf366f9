import type { Claim, FormerAttempt, Holding } from '../domain/record/holding.ts';
import type { HoldingRef, Instant } from '../domain/record/ids.ts';
import { hourOf } from '../domain/calendar/utc-time.ts';
import { each } from '../domain/each.ts';
import { seconds, type Core } from './core.ts';
import { hintAgainIfLate, hintMinute, putHint } from './hint.ts';
import type { LaneCore } from './lane-core.ts';
import { claimIsOver, hintLater, isDue } from './look-at-hints.ts';
import { rePlan } from './re-plan.ts';

/** Registry writes at the same time. */
export const WIDTH = 25;

export type Claimed = Holding & { readonly claim: Claim };

export interface Claims {
  readonly token: string;
  readonly claimedAt: Instant;
  readonly fresh: readonly Claimed[];
  /** Whose lease was over: their former attempts have to be settled first. */
  readonly takenOver: readonly Claimed[];
  /** Somebody else has one of the holdings, or it moved: the message has to come again. */
  readonly again: boolean;
}

/**
 * Claims what of a chunk is due. The in-flight record goes first, so that a hold that is put meanwhile can name this
 * chunk; then one conditional write a holding, on the version read.
 */
export async function claimChunk(core: LaneCore, refs: readonly HoldingRef[]): Promise<Claims> {
  const holdings = [...(await core.registry.holdings(refs)).values()].filter(
    (holding) => holding.store === core.lane,
  );
  const over = holdings.filter((holding) => holding.state === 'claimed' && claimIsOver(core, holding));
  const busy = holdings.some((holding) => holding.state === 'claimed' && !claimIsOver(core, holding));
  const due = await within(core, await dueOf(core, holdings));
  const claimedAt = core.clock.now();
  const token = core.tokens.next();
  const claims = { token, claimedAt, fresh: [] as Claimed[], takenOver: [] as Claimed[], again: busy };
  const wanted = [...due, ...over];
  if (wanted.length === 0) return claims;
  const leaseUntil = claimedAt + seconds(core.configuration.timing.lease);
  await core.registry.putInFlight({
    lane: core.lane,
    token,
    holdings: wanted.map(({ ref }) => ref),
    until: leaseUntil,
  });
  await each(wanted, WIDTH, async (holding) => {
    const next = claimed(holding, token, claimedAt, leaseUntil);
    if (next === undefined) return;
    if ((await core.registry.putHolding(next)) === 'moved') claims.again = true;
    else (next.claim.former === undefined ? claims.fresh : claims.takenOver).push(next);
  });
  return claims;
}

function claimed(
  holding: Holding,
  token: string,
  claimedAt: Instant,
  leaseUntil: Instant,
): Claimed | undefined {
  const stage = holding.claim?.stage ?? holding.decision?.stage;
  if (stage === undefined) return undefined;
  const attempt = (holding.attempts ?? 0) + (holding.claim?.unread === true ? 0 : 1);
  const former = holding.claim === undefined ? undefined : formerOf(holding.claim);
  const version = holding.version + 1;
  return {
    ...holding,
    version,
    state: 'claimed',
    attempts: attempt,
    claim: {
      token,
      leaseUntil,
      stage,
      attempt,
      claimedAt,
      version,
      ...(former === undefined ? {} : { former }),
    },
  };
}

/** An attempt that came to nothing leaves no trace, so that a store that is down for a week does not lay a trail. */
function formerOf(claim: Claim): readonly FormerAttempt[] {
  const { token, claimedAt, attempt } = claim;
  if (claim.unread === true) return claim.former ?? [];
  return [...(claim.former ?? []), { token, claimedAt, attempt }];
}

/** Those that are due on any clock. The others get a hint at their time, or the plan that they lack. */
async function dueOf(core: Core, holdings: readonly Holding[]): Promise<readonly Holding[]> {
  const due: Holding[] = [];
  await each(holdings, WIDTH, async (holding) => {
    if (holding.state === 'pending') await rePlan(core, holding.ref);
    const actAt = holding.decision?.actAt;
    if (holding.state !== 'active' || actAt === undefined) return;
    if (!isDue(core, actAt)) await hintLater(core, holding);
    else if (!isHintedForLater(core, holding)) due.push(holding);
  });
  return due;
}

/** Backing off: an old message does not bring the next attempt forward. */
function isHintedForLater(core: Core, holding: Holding): boolean {
  const { clockTolerance } = core.configuration.timing;
  return holding.hintAt !== undefined && holding.hintAt > core.clock.now() + 2 * seconds(clockTolerance);
}

/** What the lane's hourly cap leaves; the rest is hinted in the next hour, and the cap says so. */
async function within(core: LaneCore, due: readonly Holding[]): Promise<readonly Holding[]> {
  const cap = core.configuration.stores[core.lane]?.hourlyCap;
  if (due.length === 0 || cap === undefined) return due;
  const hour = hourOf(core.clock.now());
  const granted = await core.registry.takeAllowance(core.lane, hour, due.length, cap);
  const rest = due.slice(granted);
  if (rest.length > 0) core.report('dispose.capped', { store: core.lane, count: rest.length });
  await each(rest, WIDTH, (holding) => hintNextHour(core, holding, hour + 3_600_000));
  return due.slice(0, granted);
}

async function hintNextHour(core: Core, holding: Holding, hour: Instant): Promise<void> {
  const minute = hintMinute(hour, core.clock.now(), core.configuration.timing);
  await putHint(core, holding.ref, minute, holding.decision?.deadline);
  const next: Holding = { ...holding, version: holding.version + 1, hintAt: minute };
  if ((await core.registry.putHolding(next)) === 'written') await hintAgainIfLate(core, next);
}
