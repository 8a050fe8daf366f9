import type { Holding } from '../domain/record/holding.ts';
import type { SweepMessage } from '../ports/queues.ts';
import { claimIsOver, holdStands } from './look-at-hints.ts';
import { each } from '../domain/each.ts';
import { seconds, type Core } from './core.ts';
import { hintMinute, minuteUp, putHint } from './hint.ts';
import { rePlan } from './re-plan.ts';

/** Segments of the two scans that are allowed: after a change of policies, and the weekly proof. */
const SEGMENTS = 4;
const WIDTH = 16;
const WEEK = 7 * 24 * 3_600_000;

/**
 * Once an hour: policies in effect that nothing was planned by yet (a new version, engine or time-zone database) are
 * recorded, and every holding is planned again, segment by segment. Segments that have not ended are sent again, so a
 * lost message costs an hour. Versions that come into effect later get a wake-up at that minute.
 */
export async function checkPolicies(core: Core, digest: string): Promise<void> {
  const now = core.clock.now();
  for (const policy of core.configuration.policies.policies) {
    const { effectiveFrom } = policy;
    if (effectiveFrom > now && effectiveFrom < now + WEEK) {
      await core.timers.wake(hintMinute(effectiveFrom, now, core.configuration.timing));
    }
  }
  const run = await runOf(core, digest, now);
  const unfinished: SweepMessage[] = [];
  for (let segment = 0; segment < SEGMENTS; segment += 1) {
    const cursor = await core.registry.cursor(`re-plan/${run}/${segment}`);
    if (cursor?.done !== true) unfinished.push({ kind: 're-plan', run, segment });
  }
  if (unfinished.length > 0) await core.queues.toSweep(unfinished);
}

/** A change of policies starts a new run, also a change back to policies that were in effect before. */
async function runOf(core: Core, digest: string, now: number): Promise<string> {
  const current = await core.registry.cursor('re-plan');
  if (current?.after === digest) return `${digest}/${current.at}`;
  await core.registry.recordPolicies({ digest, effectiveFrom: now, recordedAt: now });
  await core.registry.putCursor({ id: 're-plan', at: now, after: digest });
  return `${digest}/${now}`;
}

/** Whether a policy version came into effect within the last hour: then the minute's sweep looks at the policies too. */
export function policiesMayHaveChanged(core: Core): boolean {
  const now = core.clock.now();
  return core.configuration.policies.policies.some(
    ({ effectiveFrom }) => effectiveFrom <= now && effectiveFrom > now - 3_600_000,
  );
}

/** Plans the holdings of one segment, page by page; the cursor item says how far it is. */
export async function rePlanSegment(
  core: Core,
  message: Extract<SweepMessage, { kind: 're-plan' }>,
  goOn: () => boolean,
): Promise<void> {
  const walked = await walk(
    core,
    `re-plan/${message.run}/${message.segment}`,
    message.segment,
    goOn,
    async (holding) => {
      await rePlan(core, holding.ref);
    },
  );
  if (walked === 'more') await core.queues.toSweep([message]);
  else core.report('sweep.re-planned', { count: walked });
}

/** Starts the weekly proof: one message a segment, under a name of its own. */
export async function startProof(core: Core): Promise<void> {
  const run = core.tokens.next();
  await core.queues.toSweep(
    Array.from({ length: SEGMENTS }, (_, segment) => ({ kind: 'proof' as const, run, segment })),
  );
}

/** Looks for holdings that no hint points at, hints them, and reports each as an incident: it must find none. */
export async function proveSegment(
  core: Core,
  message: Extract<SweepMessage, { kind: 'proof' }>,
  goOn: () => boolean,
): Promise<void> {
  const walked = await walk(
    core,
    `proof/${message.run}/${message.segment}`,
    message.segment,
    goOn,
    (holding) => prove(core, holding),
  );
  if (walked === 'more') await core.queues.toSweep([message]);
}

async function prove(core: Core, holding: Holding): Promise<void> {
  if (!(await isForgotten(core, holding))) return;
  core.report('proof.re-hinted', { store: holding.store, count: 1 });
  const now = core.clock.now();
  if (holding.state === 'pending') await rePlan(core, holding.ref);
  else
    await putHint(
      core,
      holding.ref,
      hintMinute(now, now, core.configuration.timing),
      holding.decision?.deadline,
    );
}

/** Nothing will have it looked at: no hint from the watermark on, and no hold or pause that would hint it. */
async function isForgotten(core: Core, holding: Holding): Promise<boolean> {
  switch (holding.state) {
    case 'disposed':
    case 'withdrawn':
      return false;
    case 'pending': {
      const early = minuteUp(holding.registeredAt + seconds(core.configuration.timing.earlyHint));
      return core.clock.now() > early + 2 * seconds(core.configuration.timing.earlyHint);
    }
    case 'claimed':
      return claimIsOver(core, holding) && !(await isHinted(core, holding));
    case 'active':
      if (holding.decision?.actAt === undefined) return false;
      if (holding.parked !== undefined && (await holdStands(core, holding.parked))) return false;
      return !(await isHinted(core, holding));
  }
}

async function isHinted(core: Core, holding: Holding): Promise<boolean> {
  if (holding.hintAt === undefined) return false;
  const mark = await core.registry.watermark();
  if (mark !== undefined && holding.hintAt < mark) return false;
  return core.registry.hasHint(holding.hintAt, holding.ref);
}

async function walk(
  core: Core,
  id: string,
  segment: number,
  goOn: () => boolean,
  visit: (holding: Holding) => Promise<void>,
): Promise<number | 'more'> {
  const stands = await core.registry.cursor(id);
  if (stands?.done === true) return 0;
  let after = stands?.after;
  let count = stands?.count ?? 0;
  do {
    const page = await core.registry.scanHoldings(segment, SEGMENTS, after);
    await each(page.items, WIDTH, visit);
    count += page.items.length;
    after = page.next;
    const at = core.clock.now();
    await core.registry.putCursor(
      after === undefined ? { id, at, count, done: true } : { id, at, count, after },
    );
  } while (after !== undefined && goOn());
  return after === undefined ? count : 'more';
}
