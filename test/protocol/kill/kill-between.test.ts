import { describe, expect, test } from 'vitest';
import { aboutToBeDue, callsOf, DELETING } from '../../support/driver/disposal-play.ts';
import type { Driver } from '../../support/driver/driver.ts';
import { beforeCall } from '../../support/driver/kill-points.ts';
import { INTERLEAVINGS, since, type Since } from '../../support/driver/interleavings.ts';
import { violations } from '../../support/driver/violations.ts';

const [, EXTENSION, REGISTRATION, ENTITY_HOLD, WIDE_HOLD, PAUSE] = INTERLEAVINGS;

/** No worker dies: a message arrives while the worker runs, before each of its calls. */
async function comesBefore(
  number: number,
  interleaving: (typeof INTERLEAVINGS)[number],
): Promise<{
  readonly d: Driver;
  readonly before: Since;
  readonly wasInFlight: boolean;
  readonly wrong: readonly string[];
}> {
  const d = await aboutToBeDue(DELETING);
  let before = since(d);
  let wasInFlight = false;
  d.onNext(
    'dispose',
    beforeCall(number, async () => {
      before = since(d);
      await interleaving.happens(d);
      wasInFlight = d.registry.allInFlight().some(({ holdings }) => holdings.includes(d.ref('n-1')));
    }),
  );
  await d.pass(5 * 3_600_000);
  await interleaving.later?.(d);
  await d.runUntil('2026-03-03T18:00:00Z');
  return { d, before, wasInFlight, wrong: await violations(d) };
}

async function beforeEachCall(
  interleaving: (typeof INTERLEAVINGS)[number],
  judged: (
    at: { readonly number: number; readonly calls: readonly string[] },
    came: Awaited<ReturnType<typeof comesBefore>>,
  ) => readonly string[],
): Promise<readonly string[]> {
  const calls = await callsOf(DELETING);
  const all: string[] = [];
  for (const [index, call] of calls.entries()) {
    const came = await comesBefore(index + 1, interleaving);
    const found = [...came.wrong, ...judged({ number: index + 1, calls }, came)];
    all.push(...found.map((what) => `before ${index + 1} ${call}: ${what}`));
  }
  return all;
}

describe('before each call of a worker', () => {
  test('comes an extension: the record is kept, or what was done is called disposed of before the fact', async () => {
    const wrong = await beforeEachCall(EXTENSION, ({ number, calls }, { d }) => {
      const readsFacts = calls.indexOf('registry.states') + 1;
      const outcome = calls.lastIndexOf('registry.putHolding') + 1;
      const holding = d.holding('n-1');
      if (number <= readsFacts) {
        return holding?.state === 'active' && d.store.size() === 1
          ? []
          : ['what was extended in time is gone'];
      }
      const said = holding?.disposedBeforeFact === true;
      return [
        ...(holding?.state === 'disposed' && d.store.size() === 0 ? [] : [`it is ${holding?.state}`]),
        ...(said === number <= outcome ? [] : [`before the fact: ${said}`]),
      ];
    });
    expect(wrong).toEqual([]);
  });

  test('comes a second registration: it merges before the claim, and waits to be the next generation after it', async () => {
    const wrong = await beforeEachCall(REGISTRATION, ({ number, calls }, { d, before }) => {
      const claim = calls.indexOf('registry.putHolding') + 1;
      const holding = d.holding('n-1');
      return [
        ...(REGISTRATION.wrong?.(d, before) ?? []),
        ...((holding?.generation === 1) === number <= claim ? [] : [`generation ${holding?.generation}`]),
      ];
    });
    expect(wrong).toEqual([]);
  });

  test.for([ENTITY_HOLD, WIDE_HOLD, PAUSE])(
    'comes $name: nothing is done any more, except what the in-flight records name',
    async (hold) => {
      const wrong = await beforeEachCall(hold, (_, { d, before, wasInFlight }) => {
        const { at } = before;
        const acted = d.store.effects.slice(before.effects).some((effect) => effect.at < at + 5 * 3_600_000);
        return [
          ...(d.holding('n-1')?.state === 'disposed' ? [] : ['it is not disposed of in the end']),
          ...(acted && !wasInFlight ? ['it was disposed of, and no in-flight record named it'] : []),
        ];
      });
      expect(wrong).toEqual([]);
    },
  );
});
