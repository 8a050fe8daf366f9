import { describe, expect, test } from 'vitest';
import type { PolicySet } from '../../../shared/domain/configuration/policy.ts';
import { SEGMENTS } from '../../../shared/protocol/walk.ts';
import { totalsOf } from '../../../shared/domain/policy-plan/tally.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { beginPlan, walkOfPlan } from '../../../shared/protocol/policy-plan/begin-plan.ts';
import { readPlan } from '../../../shared/protocol/policy-plan/read-plan.ts';
import { planSegment } from '../../../shared/protocol/policy-plan/walk-plan.ts';
import { dyingRegistry } from '../../support/dying-registry.ts';
import { type World, world } from '../../support/driver/world.ts';
import { aPolicy, anEvent, aRule } from '../../support/rules/rule-world.ts';

const MINUTE = 60_000;
const days = (text: string, changes: Parameters<typeof aPolicy>[1] = {}): PolicySet => ({
  policies: [aPolicy({ notes: [aRule(text)] }, changes)],
});
const SHORTER = days('10 days after contract.ended');

/** Records whose contracts ended on the first days of February, one that has not ended; 1 year is kept. */
async function registry(pageSize = 2): Promise<World> {
  const w = world({ pageSize, rules: { notes: ['1 year after contract.ended'] } });
  for (let n = 1; n <= 7; n += 1)
    await w.register(await w.registration(`n-${n}`, [w.entity('contract', `c-${n}`)]));
  const ended = ['2026-02-01', '2026-02-02', '2026-02-25', '2026-02-26', '2026-02-27', '2025-01-01'];
  for (const [index, date] of ended.entries())
    await w.happened(w.entity('contract', `c-${index + 1}`), w.fact('contract.ended', date));
  w.sweeps.length = 0;
  return w;
}

async function begun(w: World, to: PolicySet, asIf = false): Promise<string> {
  const plan = await beginPlan(w.core, { from: w.core.configuration.policies, to, asIf });
  if (plan === 'too-large') throw new TypeError('it is small');
  return plan.id;
}

/** Everything that was asked for. */
async function walk(w: World, core: LaneCore = w.core, goOn = () => true): Promise<void> {
  for (const message of w.sweeps.splice(0))
    if (message.kind === 'walk') await planSegment(core, message, goOn);
}

async function totals(w: World, to: PolicySet, asIf = false) {
  const id = await begun(w, to, asIf);
  await walk(w);
  const progress = await readPlan(w.core, id);
  expect(progress?.isCounted).toBe(true);
  return progress && present0(totalsOf(progress.tally));
}

function present0(all: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0));
}

/** Everything in the registry but the plan itself. */
async function rest(w: World): Promise<unknown> {
  const holdings = w.registry.allHoldings();
  const walks = w.registry.allWalks().filter(({ id }) => !id.startsWith('policy-plan/'));
  return [holdings, walks, w.registry.allSetAside(), await w.registry.policyRun(), w.bells];
}

describe('a plan of other policies', () => {
  test('says of each record what changes', async () => {
    const w = await registry();
    expect(await totals(w, SHORTER)).toEqual({ due: 2, soon: 3, unchanged: 2 });
    expect(await totals(w, days('20 days after contract.ended'))).toEqual({ due: 2, soon: 3, unchanged: 2 });
    expect(await totals(w, days('300 days after contract.ended'))).toEqual({ earlier: 5, unchanged: 2 });
    expect(await totals(w, days('2 years after contract.ended'))).toEqual({ later: 6, unchanged: 1 });
    expect(await totals(w, days('1 year after contract.ended'))).toEqual({ unchanged: 7 });
  });

  test('counts a deletion that comes after a restriction which is due in either way', async () => {
    const by = (then: string): PolicySet => days(`restrict 1 day after contract.ended, then delete ${then}`);
    const w = world({ pageSize: 2, policies: by('10 years after contract.ended').policies });
    for (const [n, date] of ['2026-02-26', '2026-02-27', '2025-01-01'].entries()) {
      const contract = w.entity('contract', `c-${n}`);
      await w.register(await w.registration(`n-${n}`, [contract]));
      await w.happened(contract, w.fact('contract.ended', date));
    }
    w.sweeps.length = 0;
    expect(await totals(w, by('10 years after contract.ended'))).toEqual({ unchanged: 3 });
    expect(await totals(w, by('2 years after contract.ended'))).toEqual({ unchanged: 3 });
    expect(await totals(w, by('10 days after contract.ended'))).toEqual({ due: 1, soon: 2 });
  });

  test('counts what is held by a rule now, where the end of the hold was announced', async () => {
    const by = (period: string): PolicySet =>
      days(`${period} after contract.ended, held from contract.started until audit.completed`);
    const w = world({ pageSize: 2, policies: by('1 year').policies });
    for (const [n, end] of ['2026-03-05', '2026-06-01', undefined].entries()) {
      const contract = w.entity('contract', `c-${n}`);
      await w.register(await w.registration(`n-${n}`, [contract]));
      await w.happened(contract, w.fact('contract.ended', '2026-01-05'));
      await w.happened(contract, w.fact('contract.started', '2026-01-06'));
      if (end !== undefined) await w.happened(contract, w.fact('audit.completed', end));
    }
    w.sweeps.length = 0;
    expect(await totals(w, by('10 days'))).toEqual({ soon: 1, unchanged: 2 });
    expect(await totals(w, by('2 years'))).toEqual({ later: 1, unchanged: 2 });
  });

  test('writes nothing but itself', async () => {
    const w = await registry();
    const before = await rest(w);
    await totals(w, SHORTER);
    expect(await rest(w)).toEqual(before);
  });

  test('keeps what no policy covers any more, and takes a renamed policy for the same', async () => {
    const w = await registry();
    const gone: PolicySet = { policies: [aPolicy({ other: [aRule('1 year after contract.ended')] })] };
    expect(await totals(w, gone)).toEqual({ kept: 6, unchanged: 1 });
    const renamed = days('1 year after contract.ended', { name: 'renamed' });
    expect(await totals(w, renamed)).toEqual({ unchanged: 7 });
    const started = days('10 days after contract.ended', { name: 'renamed' });
    expect(await totals(w, started)).toEqual({ due: 2, soon: 3, unchanged: 2 });
  });

  test('knows what events undo by the other policies, although the stored facts are folded for others', async () => {
    const w = await registry();
    for (const n of [1, 2])
      await w.happened(w.entity('contract', `c-${n}`), w.fact('contract.renewed', '2026-02-20'));
    expect(await totals(w, SHORTER)).toEqual({ soon: 3, unchanged: 4 });
    const before = await rest(w);
    const events = { 'contract.ended': anEvent(), 'contract.renewed': anEvent() };
    expect(await totals(w, days('10 days after contract.ended', { events }))).toEqual({
      due: 2,
      soon: 3,
      unchanged: 2,
    });
    expect(await rest(w)).toEqual(before);
  });

  test('takes versions that are still to come as if they were in effect, if that is asked for', async () => {
    const w = await registry();
    const later = aPolicy(
      { notes: [aRule('10 days after contract.ended')] },
      { version: '2', effectiveFrom: Date.parse('2027-01-01T00:00:00Z') },
    );
    const both = { policies: [...w.core.configuration.policies.policies, later] };
    expect(await totals(w, both)).toEqual({ unchanged: 7 });
    expect(await totals(w, both, true)).toEqual({ due: 2, soon: 3, unchanged: 2 });
  });

  test('without the policies that are active, all that is due counts as newly due', async () => {
    const w = await registry();
    const plan = await beginPlan(w.core, { to: w.core.configuration.policies });
    if (plan === 'too-large') throw new TypeError('it is small');
    await walk(w);
    const progress = await readPlan(w.core, plan.id);
    expect(progress && present0(totalsOf(progress.tally))).toEqual({ due: 1, earlier: 5, unchanged: 1 });
  });

  test('counts what cannot be planned by the other policies, and what cannot be read', async () => {
    const w = await registry();
    const broken = { policies: [{ ...SHORTER.policies[0], categories: { notes: { rules: [null] } } }] };
    expect(await totals(w, broken as never)).toEqual({ failed: 7 });
    const damaged = { ref: w.registry.allHoldings()[0]?.ref ?? '', code: 'ITEM_INVALID' };
    const core: LaneCore = {
      ...w.core,
      registry: {
        ...w.registry,
        async scanHoldings(segment, segments, after) {
          const page = await w.registry.scanHoldings(segment, segments, after);
          return segment === 0 && after === undefined ? { ...page, damaged: [damaged as never] } : page;
        },
      },
    };
    const id = await begun(w, SHORTER);
    await walk(w, core);
    expect((await readPlan(core, id))?.tally.unread).toBe(1);
    expect(w.registry.allSetAside()).toEqual([]);
  });

  test('is the same wherever a walker dies, and while two walk at once', async () => {
    const w = await registry();
    const recorded = dyingRegistry(w.registry, {});
    const id = await begun(w, SHORTER);
    await walk(w, { ...w.core, registry: recorded.registry });
    const whole = (await readPlan(w.core, id))?.tally;
    const calls = recorded.calls.length;
    expect(calls).toBeGreaterThan(20);
    for (let at = 0; at < calls; at += 1) {
      for (const when of ['before', 'after'] as const) {
        const next = await registry();
        const again = await begun(next, SHORTER);
        const dying = dyingRegistry(next.registry, { at, when });
        await expect(walk(next, { ...next.core, registry: dying.registry })).rejects.toThrow('killed');
        const early = await readPlan(next.core, again);
        if (early?.isCounted === true) expect(early.tally).toEqual(whole);
        next.clock.advance(20 * MINUTE);
        const { idle = [] } = (await readPlan(next.core, again)) ?? {};
        const messages = idle.flatMap((segment) => [0, 0].map(() => ({ walk: walkOfPlan(again), segment })));
        await Promise.all(messages.map((message) => planSegment(next.core, message, () => true)));
        const progress = await readPlan(next.core, again);
        expect(progress).toMatchObject({ isCounted: true, tally: whole, idle: [] });
      }
    }
  });

  test('stops when its time is over and goes on where it was', async () => {
    const w = await registry(1);
    const id = await begun(w, SHORTER);
    let left = 1;
    while (w.sweeps.length > 0) {
      left = 1;
      await walk(w, w.core, () => (left -= 1) >= 0);
    }
    expect((await readPlan(w.core, id))?.tally.examined).toBe(7);
  });

  test('of one that is not there any more, walkers do nothing', async () => {
    const w = await registry();
    expect(await planSegment(w.core, { walk: walkOfPlan('gone'), segment: 0 }, () => true)).toBe('gone');
    expect(await readPlan(w.core, 'gone')).toBeUndefined();
  });

  test('asks for a walker again only after a while in which none worked', async () => {
    const w = await registry();
    const id = await begun(w, SHORTER);
    expect((await readPlan(w.core, id))?.idle).toEqual([]);
    w.clock.advance(2 * MINUTE);
    expect((await readPlan(w.core, id))?.idle).toEqual([0, 1, 2, 3]);
    await planSegment(w.core, { walk: walkOfPlan(id), segment: 2 }, () => true);
    expect((await readPlan(w.core, id))?.idle).toEqual([0, 1, 3]);
    expect(SEGMENTS).toBe(4);
  });
});

test('some thousands of records cost a read each page and no facts where their policies do not change', async () => {
  const w = world({ pageSize: 500, policies: [...days('1 year after contract.ended').policies, ...OTHERS] });
  await w.register(await w.registration('n-0', [w.entity('contract', 'c-1')]));
  await w.happened(w.entity('contract', 'c-1'), w.fact('contract.ended', '2026-02-01'));
  const [one] = w.registry.allHoldings();
  if (one === undefined) throw new TypeError('it was registered');
  for (let n = 1; n < 5000; n += 1)
    await w.registry.writeHoldings([
      { before: undefined, after: { ...one, ref: `${one.ref}${n}` as never, version: 1 } },
    ]);
  const { calls, registry: counting } = dyingRegistry(w.registry, {});
  const core = { ...w.core, registry: counting };
  const to = { policies: [...w.core.configuration.policies.policies.slice(0, 1), ...CHANGED] };
  const id = await begun(w, to);
  await walk(w, core);
  expect(calls.filter((call) => call === 'states' || call === 'history')).toEqual([]);
  expect((await readPlan(w.core, id))?.tally).toMatchObject({ examined: 5000 });
  const again = await begun(w, SHORTER);
  calls.length = 0;
  await walk(w, core);
  const progress = await readPlan(w.core, again);
  expect(progress && present0(totalsOf(progress.tally))).toEqual({ due: 5000 });
  const made = (name: string): number => calls.filter((call) => call === name).length;
  const scans = made('scanHoldings');
  expect(scans).toBeGreaterThan(8);
  expect(made('states')).toBeLessThanOrEqual(scans);
  // For each segment: the plan, the walk, and its lease.
  expect(made('putWalk')).toBe(scans + SEGMENTS);
  expect(calls.length - scans - made('states') - made('putWalk')).toBe(2 * SEGMENTS);
});

const OTHERS = [aPolicy({ bills: [aRule('2 years after contract.ended')] }, { name: 'bills' })];
const CHANGED = [aPolicy({ bills: [aRule('1 day after contract.ended')] }, { name: 'bills' })];
