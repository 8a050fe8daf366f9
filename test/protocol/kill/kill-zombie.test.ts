import { describe, expect, test } from 'vitest';
import { aboutToBeDue, callsOf, DELETING, untilRun, type Play } from '../../support/driver/disposal-play.ts';
import type { Driver } from '../../support/driver/driver.ts';
import { beforeCall, sleepAt, type Zombie } from '../../support/driver/kill-points.ts';
import { INTERLEAVINGS, since, type Interleaving } from '../../support/driver/interleavings.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';
import { entriesIn, violations } from '../../support/driver/violations.ts';

/**
 * The first worker is not dead: it pauses at some call until its lease is over, and then goes on as if nothing had
 * happened. It may still read back what it did before, but it may not look or act again, and its outcome is too late.
 */
const ACTS = /^store\.(look|delete|anonymise|restrict)$/;

const masks = { text: { kind: 'constant', value: 'erased' } } as const;
const rules = [aRule('anonymise 1 day after contract.ended, then delete 27 hours after contract.ended')];
const ANONYMISING: Play = { policies: [aPolicy({}, { categories: { note: { rules, masks } } })] };

async function asleep(play: Play, zombie: Zombie, interleaving: Interleaving): Promise<Driver> {
  const d = await aboutToBeDue(play);
  d.onNext('dispose', zombie.interceptor);
  await untilRun(d, 'dispose');
  await interleaving.happens(d);
  return d;
}

/** What the zombie did after it had woken up, when another worker had the claim. */
function wrongDeeds(d: Driver, { later }: Zombie, effects: number): string[] {
  const acts = later.filter(({ name }) => ACTS.test(name));
  return [
    ...acts.map(({ name }) => `it begins ${name} after the take-over`),
    ...(d.store.effects.length > effects ? ['it destroys something after the take-over'] : []),
  ];
}

function hasClaimed(d: Driver): boolean {
  return d.runs.some(({ end, claims }) => end === 'lost' && claims.length > 0);
}

async function wakesAfterTakeOver(
  play: Play,
  zombie: Zombie,
  interleaving: Interleaving,
): Promise<readonly string[]> {
  const d = await asleep(play, zombie, interleaving);
  const before = since(d);
  await d.pass(2 * 3_600_000);
  const holding = d.holding('n-1');
  const [entries, effects] = [entriesIn(d).length, d.store.effects.length];
  const claimed = hasClaimed(d);
  await zombie.wake();
  // One that had not claimed yet is a message that came late: it may claim what is due.
  const wrong = claimed ? wrongDeeds(d, zombie, effects) : [];
  if (claimed && entriesIn(d).length > entries) wrong.push('it writes an entry after the take-over');
  if (claimed && JSON.stringify(d.holding('n-1')) !== JSON.stringify(holding))
    wrong.push('its outcome is taken');
  await d.pass(3 * 3_600_000);
  await interleaving.later?.(d);
  await d.runUntil('2026-03-03T18:00:00Z');
  return [...wrong, ...(await violations(d)), ...(interleaving.wrong?.(d, before) ?? [])];
}

/** It wakes when its lease is over and no other worker has taken over yet, so nothing stops it. */
async function wakesBeforeTakeOver(
  play: Play,
  zombie: Zombie,
  interleaving: Interleaving,
): Promise<readonly string[]> {
  const d = await asleep(play, zombie, interleaving);
  const before = since(d);
  await d.pass(11 * 60_000);
  const claimed = hasClaimed(d);
  await zombie.wake();
  const acts = claimed ? zombie.later.filter(({ name }) => ACTS.test(name)) : [];
  await d.pass(5 * 3_600_000);
  await interleaving.later?.(d);
  await d.runUntil('2026-03-03T18:00:00Z');
  const began = acts.map(({ name }) => `it begins ${name} after its lease`);
  return [...began, ...(await violations(d)), ...(interleaving.wrong?.(d, before) ?? [])];
}

/** It wakes in the middle of the take-over, before each call of the one that takes over. */
async function wakesDuringTakeOver(
  play: Play,
  number: number,
  when: 'before' | 'after',
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (let call = 1, over = false; !over; call += 1) {
    const zombie = sleepAt(number, when);
    const d = await asleep(play, zombie, INTERLEAVINGS[0]);
    const before = since(d);
    over = true;
    d.onNext(
      'dispose',
      beforeCall(call, async () => {
        over = false;
        await zombie.wake();
      }),
    );
    await d.pass(5 * 3_600_000);
    const found = [...(await violations(d)), ...(INTERLEAVINGS[0].wrong?.(d, before) ?? [])];
    wrong.push(...found.map((what) => `woken before ${call}: ${what}`));
  }
  return wrong;
}

const PLAYS: Readonly<Record<string, Play>> = {
  'that deletes': DELETING,
  'that anonymises': ANONYMISING,
};

for (const [name, play] of Object.entries(PLAYS)) {
  describe(`a worker ${name} sleeps over its lease at each of its calls`, () => {
    test.for(INTERLEAVINGS.slice(0, 4))(
      'then comes $name, and it wakes after the take-over',
      async (interleaving) => {
        expect(
          await atEachCall(play, (number, when) =>
            wakesAfterTakeOver(play, sleepAt(number, when), interleaving),
          ),
        ).toEqual([]);
      },
    );

    test.for(INTERLEAVINGS.slice(0, 4))(
      'then comes $name, and it wakes before the take-over',
      async (interleaving) => {
        expect(
          await atEachCall(play, (number, when) =>
            wakesBeforeTakeOver(play, sleepAt(number, when), interleaving),
          ),
        ).toEqual([]);
      },
    );

    test('and wakes at each call of the take-over', async () => {
      expect(await atEachCall(play, (number, when) => wakesDuringTakeOver(play, number, when))).toEqual([]);
    });
  });
}

async function atEachCall(
  play: Play,
  found: (number: number, when: 'before' | 'after') => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const [index, call] of (await callsOf(play)).entries()) {
    for (const when of ['before', 'after'] as const) {
      // No call is in progress when the lease ends, because a lease is longer than all calls together.
      if (when === 'before' && /^store\.(delete|anonymise)$/.test(call)) continue;
      const what = await found(index + 1, when);
      wrong.push(...what.map((one) => `asleep ${when} ${index + 1} ${call}: ${one}`));
    }
  }
  return wrong;
}
