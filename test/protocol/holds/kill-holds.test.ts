import { describe, expect, test } from 'vitest';
import type { LegalHold } from '../../../shared/domain/record/hold.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { placeHold, release } from '../../../shared/protocol/hold.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { at, due, DUE, type World } from '../../support/driver/dying-worker.ts';
import { aHoldOn } from '../../support/driver/hold-play.ts';
import { killedAt, unlessKilled } from '../../support/driver/killed-at.ts';

type Make = (w: World) => LegalHold;

const IDS = ['n-1', 'n-2', 'n-3'];
const SCOPES: Readonly<Record<string, Make>> = {
  'an entity': (w) => aHoldOn(w.entity('contract', 'c-1').ref),
  'a category': () => wide({ category: 'notes' }),
  'a store': () => wide({ store: 'notes' }),
  'a policy': () => wide({ policy: 'test-policy' }),
  everything: () => wide({ everything: true }),
};

function wide(scope: LegalHold['scope']): LegalHold {
  return { id: 'h-1', kind: 'hold', scope, state: 'placed', at: 0 };
}

/** Kills what `act` does at each of its calls, and lets `then` say what is wrong. Answers at how many points. */
async function atEachCall(
  prepare: () => Promise<World>,
  act: (core: LaneCore, w: World) => Promise<unknown>,
  then: (w: World) => Promise<readonly string[]>,
): Promise<{ readonly points: number; readonly wrong: readonly string[] }> {
  const wrong: string[] = [];
  let points = 0;
  for (let number = 1, over = false; !over; number += 1) {
    for (const when of ['before', 'after'] as const) {
      const w = await prepare();
      const killed = killedAt(w.core, { ports: ['registry'], number, when });
      await act(killed.core, w).catch(unlessKilled);
      over = killed.calls() < number;
      if (over) continue;
      points += 1;
      wrong.push(...(await then(w)).map((what) => `killed ${when} call ${number}: ${what}`));
    }
  }
  return { points, wrong };
}

async function threeDue(): Promise<World> {
  return (await due({ pageSize: 2 }, IDS)).w;
}

const gone = (w: World): readonly string[] =>
  w.store.size() === 0 && w.registry.allParked().length === 0 ? [] : ['something stayed'];
const kept = (w: World): readonly string[] => (w.store.size() === 3 ? [] : ['something was disposed of']);

describe.each(Object.entries(SCOPES))('a hold on %s', (_, make) => {
  test('whose placing is killed at each of its calls is in force once placing is repeated', async () => {
    const { points, wrong } = await atEachCall(
      threeDue,
      (core, w) => placeHold(core, make(w)),
      async (w) => {
        const again = await placeHold(w.core, make(w));
        await w.run(at('2026-04-03T00:00:00Z'));
        return [...(again.kind === 'placed' ? [] : ['it was refused']), ...kept(w)];
      },
    );
    expect(wrong).toEqual([]);
    expect(points).toBeGreaterThan(3);
  });

  test('whose placing is killed at each of its calls, and that is released, keeps nothing for ever', async () => {
    const { wrong } = await atEachCall(
      threeDue,
      (core, w) => placeHold(core, make(w)),
      async (w) => {
        await w.run(at(DUE));
        await release(w.core, make(w));
        const again = await placeHold(w.core, make(w));
        await w.run(at('2026-04-03T00:00:00Z'));
        return [...(again.kind === 'refused' ? [] : ['its id was not used up']), ...gone(w)];
      },
    );
    expect(wrong).toEqual([]);
  });

  test('whose release is killed at each of its calls lets everything go once it is repeated', async () => {
    const { points, wrong } = await atEachCall(
      async () => {
        const w = await threeDue();
        await placeHold(w.core, make(w));
        while (w.fanOuts.length > 0) await w.deliver();
        await w.run(at(DUE));
        if (w.registry.allParked().length !== 3) throw new Error('not all of them are parked');
        return w;
      },
      (core, w) => release(core, make(w)),
      async (w) => {
        await release(w.core, make(w));
        await w.run(at('2026-04-03T00:00:00Z'));
        return gone(w);
      },
    );
    expect(wrong).toEqual([]);
    expect(points).toBeGreaterThan(8);
  });
});

test('a hold on an entity that is released between the two steps of its placing keeps nothing, at whatever call', async () => {
  const { points, wrong } = await atEachCall(
    threeDue,
    // The release comes when the hold is recorded and not in the state yet.
    (core, w) => placeHold(withRelease(core, w), SCOPES['an entity']?.(w) ?? wide({ everything: true })),
    async (w) => {
      await w.run(at('2026-04-03T00:00:00Z'));
      return gone(w);
    },
  );
  expect(wrong).toEqual([]);
  expect(points).toBeGreaterThan(3);
});

function withRelease(core: LaneCore, w: World): LaneCore {
  let isReleased = false;
  const registry: Registry = {
    ...core.registry,
    async recordHold(hold) {
      const answer = await core.registry.recordHold(hold);
      if (!isReleased) await release(w.core, hold);
      isReleased = true;
      return answer;
    },
  };
  return { ...core, registry };
}
