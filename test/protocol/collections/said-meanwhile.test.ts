import { describe, expect, test } from 'vitest';
import { driver, type Driver } from '../../support/driver/driver.ts';
import { beforeCall, counting, killAt } from '../../support/driver/kill-points.ts';
import { PEOPLE, say } from '../../support/driver/people-with-collections.ts';
import { untilRun } from '../../support/driver/disposal-play.ts';
import { violations } from '../../support/driver/violations.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Records of the contract, and its person has asked for their erasure. */
async function aboutToBeErased(): Promise<Driver> {
  const d = await driver(PEOPLE);
  for (const id of ['n-1', 'n-2', 'n-3']) d.store.put([id], { contract: 'c-1' });
  for (const said of ['started', 'link'] as const) {
    say(d, said);
    await d.settle();
  }
  await d.pass(2 * HOUR);
  say(d, 'asked');
  await d.settle();
  return d;
}

/** No rule asks for this event. The application writes once it is acknowledged. */
async function goesOn(d: Driver): Promise<number> {
  // What is sent in the minute of a disposal counts as sent before it.
  d.clock.advance(MINUTE + 1000);
  const sent = d.clock.now();
  await says(d);
  return sent;
}

async function says(d: Driver): Promise<void> {
  const sent = new Date(d.clock.now()).toISOString();
  d.happens('contract.started', 'c-1', sent, {
    sent,
    done: () => d.store.put(['new'], { contract: 'c-1' }),
  });
  await d.settle();
}

const left = (d: Driver): readonly string[] =>
  ['n-1', 'n-2', 'n-3', 'new'].filter((id) => d.store.fields([id]) !== undefined);

/**
 * Whatever is left is in a collection that a later end, or request, disposes of; and what is written for an event that was
 * sent after the disposal is left.
 */
async function wrongIn(d: Driver, sent: number): Promise<string[]> {
  const { ref } = d.collection('c-1') ?? {};
  const all = [...d.registry.allTombstones(), ...d.registry.allHoldings()].filter((one) => one.ref === ref);
  const ended = all.find(({ generation }) => generation === 1)?.done?.[0]?.at ?? Infinity;
  const state = d.collection('c-1')?.state;
  const wrong = (await violations(d)).filter((what) => what !== 'a deletion has no entry');
  if (left(d).some((id) => id !== 'new')) wrong.push('what was to be erased is still there');
  if (left(d).includes('new') && state !== 'active')
    wrong.push(`what was written since is in a ${state} one`);
  if (sent > ended && !left(d).includes('new'))
    wrong.push('a request of before has covered what was sent since');
  return wrong;
}

async function callsOfLane(): Promise<readonly string[]> {
  const d = await aboutToBeErased();
  const calls: string[] = [];
  d.onNext('dispose', counting(calls));
  await untilRun(d, 'dispose');
  return calls;
}

describe('an event about the entity whose collection is disposed of', () => {
  test('leaves no record without a collection, before whichever call of the worker it comes', async () => {
    const calls = await callsOfLane();
    const wrong: string[] = [];
    for (const [index, call] of calls.entries()) {
      const d = await aboutToBeErased();
      let sent = 0;
      const second = beforeCall(index + 1, async () => {
        sent = await goesOn(d);
      });
      // Its hint is new then: the second event alone changes no plan.
      d.onNext('dispose', async (made) => {
        if (made.number === 1) await says(d);
        return second(made);
      });
      await untilRun(d, 'dispose');
      await d.pass(5 * HOUR);
      wrong.push(...(await wrongIn(d, sent)).map((what) => `before ${index + 1} ${call}: ${what}`));
    }
    expect(wrong).toEqual([]);
    expect(calls.length).toBeGreaterThan(10);
  });

  test('and after each call at which the worker dies', async () => {
    const calls = await callsOfLane();
    const wrong: string[] = [];
    for (const [index, call] of calls.entries()) {
      const d = await aboutToBeErased();
      d.onNext('dispose', killAt(index + 1, 'after'));
      await untilRun(d, 'dispose');
      const sent = await goesOn(d);
      await d.pass(5 * HOUR);
      wrong.push(...(await wrongIn(d, sent)).map((what) => `after ${index + 1} ${call}: ${what}`));
    }
    expect(wrong).toEqual([]);
  });

  test('keeps what is written after the disposal: the former request does not cover it', async () => {
    const d = await aboutToBeErased();
    await d.pass(5 * HOUR);
    expect(d.collection('c-1')).toMatchObject({ state: 'disposed', generation: 1 });
    expect(left(d)).toEqual([]);
    await goesOn(d);
    await d.pass(5 * HOUR);
    expect(left(d)).toEqual(['new']);
    expect(d.collection('c-1')).toMatchObject({ state: 'active', generation: 2 });
    // What is heard late of the time before the disposal changes nothing.
    d.happens('contract.started', 'c-1', '2025-05-05', { sent: '2026-01-01T00:00:00Z' });
    await d.settle();
    await d.pass(5 * HOUR);
    expect(left(d)).toEqual(['new']);
  });
});

describe('an event about an entity whose records were disposed of', () => {
  /** Killed at each call of the run that takes it. */
  async function killed(before: () => Promise<Driver>, wrong: (d: Driver) => readonly string[]) {
    const calls: string[] = [];
    const undisturbed = await before();
    undisturbed.onNext('ingest', counting(calls));
    await goesOn(undisturbed);
    const found = [...wrong(undisturbed)];
    for (const [index, call] of calls.entries()) {
      for (const when of ['before', 'after'] as const) {
        const d = await before();
        d.onNext('ingest', killAt(index + 1, when));
        await goesOn(d);
        await d.pass(5 * HOUR);
        const all = [...(await wrongIn(d, d.clock.now() - 5 * HOUR)), ...wrong(d)];
        found.push(...all.map((what) => `${when} ${index + 1} ${call}: ${what}`));
      }
    }
    expect(found).toEqual([]);
    expect(calls.length).toBeGreaterThan(10);
  }

  test('begins its collection again, at whichever call the run dies', async () => {
    const erased = async (): Promise<Driver> => {
      const d = await aboutToBeErased();
      await d.pass(5 * HOUR);
      return d;
    };
    await killed(erased, (d) => {
      const { state, generation } = d.collection('c-1') ?? {};
      const [before] = d.registry.allTombstones();
      return [
        ...(state === 'active' && generation === 2 ? [] : [`it is ${state} in generation ${generation}`]),
        ...(before?.state === 'disposed' && before.collection === 'notes'
          ? []
          : ['its tombstone is missing']),
      ];
    });
  });

  test('begins it again in the same generation where a record stays that is registered on its own', async () => {
    const kept = async (): Promise<Driver> => {
      const d = await aboutToBeErased();
      d.registers('own', ['c-9']);
      d.store.put(['own'], { contract: 'c-1' });
      await d.pass(5 * HOUR);
      expect(d.collection('c-1')).toMatchObject({ state: 'active', kept: { records: 1 } });
      expect(left(d)).toEqual([]);
      return d;
    };
    await killed(kept, (d) => {
      const { state, generation, kept: keeps } = d.collection('c-1') ?? {};
      const isWell = state === 'active' && generation === 1 && keeps === undefined;
      return isWell ? [] : [`it is ${state} in generation ${generation}`];
    });
    const d = await kept();
    await goesOn(d);
    await d.pass(40 * 24 * HOUR);
    // Neither is covered by the request.
    expect(left(d)).toEqual(['new']);
    expect(d.store.fields(['own'])).toBeDefined();
  });
});
