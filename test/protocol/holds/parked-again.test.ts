import { describe, expect, test } from 'vitest';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import type { LegalHold } from '../../../shared/domain/record/hold.ts';
import { placeHold, release } from '../../../shared/protocol/hold.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { rePlan } from '../../../shared/protocol/plan-writer.ts';
import { register } from '../../../shared/protocol/registration.ts';
import { at, DUE, type World } from '../../support/driver/dying-worker.ts';
import { aHoldOn } from '../../support/driver/hold-play.ts';
import { OTHER_PRODUCER, PRODUCER, world } from '../../support/driver/world.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';

const RULE = '30 days after contract.ended';
const HOUR = 3_600_000;

function hold(scope: LegalHold['scope'], id = 'h-1'): LegalHold {
  return { id, kind: 'hold', scope, state: 'placed', at: 0 };
}

/** A record that two producers registered about two contracts, parked under the hold. */
async function parkedUnder(make: (w: World) => LegalHold): Promise<World> {
  const w = world({
    policies: [
      aPolicy({ notes: [aRule(RULE)] }),
      aPolicy({ files: [aRule(RULE)] }, { name: 'other-policy' }),
    ],
  });
  const [first, second] = [w.entity('contract', 'c-1'), w.entity('contract', 'c-2')];
  w.store.put(['n-1'], {});
  await w.register(await w.registration('n-1', [first], { producer: PRODUCER }));
  await w.register(
    await w.registration('n-1', [second], { producer: OTHER_PRODUCER, categories: ['files'] }),
  );
  for (const contract of [first, second])
    await w.happened(contract, w.fact('contract.ended', '2026-03-01', { id: `end of ${contract.ref}` }));
  await placeHold(w.core, make(w));
  await w.run(at(DUE) + HOUR);
  expect(w.holding('n-1')?.parked?.hold).toBe('h-1');
  return w;
}

const isGone = (w: World): boolean => w.store.size() === 0;
const nextHour = (w: World): Promise<void> => w.run(w.clock.now() + HOUR);

/** Of a hold that covers the record only by what one of the producers registered. */
const BY_ONE: Readonly<Record<string, (w: World) => LegalHold>> = {
  'its entity': (w) => aHoldOn(w.entity('contract', 'c-1').ref),
  'its category': () => hold({ category: 'notes' }),
  'the policy of one of its categories': () => hold({ policy: 'test-policy' }),
  'the policy of its other category': () => hold({ policy: 'other-policy' }),
};

describe.each(Object.entries(BY_ONE))('a record that is parked under a hold on %s', (name, make) => {
  const covering = name.includes('other') ? OTHER_PRODUCER : PRODUCER;

  test('goes at once when what the hold covers of it is withdrawn', async () => {
    const w = await parkedUnder(make);
    await w.withdraw(await w.withdrawal('n-1', { producer: covering }));
    expect(w.registry.allParked()).toEqual([]);
    expect(w.holding('n-1')?.parked).toBeUndefined();
    await nextHour(w);
    expect(isGone(w)).toBe(true);
  });

  test('stays when what it does not cover is withdrawn, and goes when the hold is released', async () => {
    const w = await parkedUnder(make);
    const other = covering === PRODUCER ? OTHER_PRODUCER : PRODUCER;
    await w.withdraw(await w.withdrawal('n-1', { producer: other }));
    await nextHour(w);
    expect(w.holding('n-1')?.parked?.hold).toBe('h-1');
    await release(w.core, make(w));
    await nextHour(w);
    expect(isGone(w)).toBe(true);
  });

  test('is looked at again when it is registered again, stays, and goes when the hold is released', async () => {
    const w = await parkedUnder(make);
    const about = [w.entity('contract', 'c-1'), w.entity('contract', 'c-2')];
    w.clock.advance(60_000);
    await w.register(await w.registration('n-1', about, { purposes: ['service'] }));
    expect(w.registry.allParked()).toEqual([]);
    await w.run(w.clock.now() + 3 * HOUR);
    expect(w.holding('n-1')?.parked?.hold).toBe('h-1');
    await release(w.core, make(w));
    await w.run(w.clock.now() + 3 * HOUR);
    expect(isGone(w)).toBe(true);
    expect(w.registry.allParked()).toEqual([]);
  });

  test('that is withdrawn as a whole is parked no longer, and what is registered in its place is covered', async () => {
    const w = await parkedUnder(make);
    for (const producer of [PRODUCER, OTHER_PRODUCER])
      await w.withdraw(await w.withdrawal('n-1', { producer }));
    expect(w.registry.allParked()).toEqual([]);
    expect(w.holding('n-1')?.state).toBe('withdrawn');
    w.clock.advance(60_000);
    const contract = w.entity('contract', covering === PRODUCER ? 'c-1' : 'c-2');
    const categories = covering === PRODUCER ? ['notes'] : ['files'];
    await w.register(await w.registration('n-1', [contract], { producer: covering, categories }));
    await w.run(w.clock.now() + 3 * HOUR);
    expect(isGone(w)).toBe(false);
    await release(w.core, make(w));
    await w.run(w.clock.now() + 3 * HOUR);
    expect(isGone(w)).toBe(true);
  });

  test('whose date moves is parked no longer, and is disposed of at the new date without anything else', async () => {
    const w = await parkedUnder(make);
    const contract = w.entity('contract', 'c-1');
    await w.happened(contract, w.fact('contract.renewed', '2026-03-15'));
    await w.happened(contract, w.fact('contract.ended', '2026-04-10', { id: 'second end' }));
    expect(w.registry.allParked()).toEqual([]);
    await release(w.core, make(w));
    await w.run(at('2026-05-10T00:00:00Z'));
    expect(isGone(w)).toBe(false);
    await w.run(at('2026-05-12T00:00:00Z'));
    expect(isGone(w)).toBe(true);
  });
});

/** As the re-plan of a new policy version does: all categories belong to the other policy. */
async function merge(w: World): Promise<void> {
  const merged = aPolicy(
    { notes: [aRule(RULE)], files: [aRule(RULE)] },
    { name: 'other-policy', version: '2' },
  );
  const configuration: Configuration = { ...w.core.configuration, policies: { policies: [merged] } };
  Object.assign(w.core, { configuration });
  await rePlan(w.core, [w.ref('n-1')]);
  expect(w.registry.allParked()).toEqual([]);
}

test('a record whose category moves to a policy that the hold does not name goes at once', async () => {
  const w = await parkedUnder(() => hold({ policy: 'test-policy' }));
  await merge(w);
  await nextHour(w);
  expect(isGone(w)).toBe(true);
});

test('a record whose category belonged to the policy when the hold was placed stays wherever it moves', async () => {
  const placed = { ...hold({ policy: 'test-policy' }), categories: ['notes'] };
  const w = await parkedUnder(() => placed);
  await merge(w);
  await nextHour(w);
  expect(w.holding('n-1')?.parked?.hold).toBe('h-1');
  await release(w.core, placed);
  await nextHour(w);
  expect(isGone(w)).toBe(true);
});

test('a record that is not due by the clock of the worker that looks at it after the release keeps a hint', async () => {
  const w = await parkedUnder(() => hold({ category: 'notes' }));
  await release(w.core, hold({ category: 'notes' }));
  const due = w.holding('n-1')?.decision?.actAt ?? 0;
  const real = w.clock.now();
  w.clock.set(due);
  await w.registry.putHeartbeat(due);
  const chunk = { lane: w.core.lane, producer: PRODUCER, minute: due, id: 'c-1' };
  await w.registry.putChunks([
    { ...chunk, version: 1, refs: [w.ref('n-1')], attempts: 0, failures: 0, uncertain: [] },
  ]);
  await workOnChunk(w.core, chunk);
  expect(isGone(w)).toBe(false);
  expect(w.holding('n-1')?.parked).toBeUndefined();
  // The hint of the release was read meanwhile, and led to that chunk.
  w.registry.expireHints(due + 1);
  w.clock.set(real);
  await w.run(real + HOUR);
  expect(isGone(w)).toBe(true);
});

test('a record that is parked again while a registration takes it out of the list goes when the hold is released', async () => {
  const w = await parkedUnder(() => hold({ category: 'notes' }));
  const again = await w.registration('n-1', [w.entity('contract', 'c-1')], { purposes: ['service'] });
  const registry: LaneCore['registry'] = {
    ...w.registry,
    async unpark(id, refs) {
      await w.run(w.clock.now() + 3 * HOUR);
      return w.registry.unpark(id, refs);
    },
  };
  await register({ ...w.core, registry }, again);
  await w.run(w.clock.now() + 3 * HOUR);
  expect(w.holding('n-1')?.parked?.hold).toBe('h-1');
  await release(w.core, hold({ category: 'notes' }));
  await w.run(w.clock.now() + HOUR);
  expect(isGone(w)).toBe(true);
});
