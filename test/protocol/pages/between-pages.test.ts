import { describe, expect, test } from 'vitest';
import { endHold, hintParked, type Placed, placeHold } from '../../../shared/protocol/hold.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { handedOver, leaseEnds } from '../../support/driver/dying-worker.ts';
import { aHoldOn } from '../../support/driver/hold-play.ts';
import { STORE, type World, type WorldOptions } from '../../support/driver/world.ts';
import { beforeCall } from '../../support/pages/before-call.ts';
import {
  collected,
  collectionWorld,
  holdingOf,
  registersRow,
  rowNames,
  writes,
} from '../../support/pages/collection-world.ts';
import { leftOver, pageViolations } from '../../support/pages/page-violations.ts';

/* Something comes before each call of a worker on a collection, which then goes on. */

const ROWS = rowNames(120);
const PORTS = ['registry', 'store', 'queues'] as const;
const HOUR = 3_600_000;

async function dueChunk(options: WorldOptions = {}) {
  const w = collectionWorld(options);
  const { contract, ref } = await collected(w, 'c-1');
  writes(w, 'c-1', ROWS);
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  return { w, ref, contract, chunk: await handedOver(w) };
}

type Due = Awaited<ReturnType<typeof dueChunk>>;

interface Comes {
  readonly happens: (due: Due, call: string) => Promise<void>;
  readonly wrong: (due: Due) => Promise<readonly string[]> | readonly string[];
  readonly options?: WorldOptions;
}

/** What is wrong if this comes before one of the calls, for each of them. */
async function beforeEachCall({ happens, wrong, options }: Comes): Promise<readonly string[]> {
  const found: string[] = [];
  for (let number = 1; ; number += 1) {
    const due = await dueChunk(options);
    const watched = beforeCall(due.w.core, PORTS, { number, happens: (call) => happens(due, call) });
    await workOnChunk(watched.core, due.chunk);
    if (watched.calls() < number) {
      expect(number).toBeGreaterThan(20);
      return found;
    }
    found.push(...(await wrong(due)).map((what) => `before ${number}: ${what}`));
  }
}

async function later(w: World): Promise<void> {
  await leaseEnds(w);
  await w.run(w.clock.now() + 12 * HOUR);
}

function rowsLeft(w: World): readonly string[] {
  return ROWS.filter((row) => w.store.fields([row]) !== undefined);
}

describe('a fact between two pages', () => {
  const rows = rowNames(2500);
  async function afterOnePage() {
    const w = collectionWorld();
    const { contract, ref } = await collected(w, 'c-1');
    writes(w, 'c-1', rows);
    await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
    const chunk = await handedOver(w);
    expect(await workOnChunk(w.core, chunk)).toBe('left');
    expect(w.store.size()).toBe(1500);
    w.clock.advance(60_000);
    return { w, contract, ref };
  }
  const notes = (w: World) =>
    w.registry.allResults().flatMap((result) => ('void' in result ? [] : (result.actions ?? [])));

  test('stops the rest, and is not late if it came in time', async () => {
    const { w, contract, ref } = await afterOnePage();
    await w.happened(contract, w.fact('contract.renewed', new Date(w.clock.now()).toISOString()));
    await later(w);
    expect(w.store.size()).toBe(1500);
    expect(holdingOf(w, ref)).toMatchObject({ state: 'active', partly: { stage: 'delete' } });
    expect(holdingOf(w, ref)?.remarks).toBeUndefined();
    expect(notes(w)).toEqual([]);
    expect([...(await pageViolations(w)), ...leftOver(w)]).toEqual([]);
  });

  test('that was late is remarked: it would have kept what is gone', async () => {
    const { w, contract, ref } = await afterOnePage();
    await w.happened(contract, w.fact('contract.renewed', '2026-03-15'));
    await later(w);
    expect(w.store.size()).toBe(1500);
    expect(holdingOf(w, ref)?.remarks).toHaveProperty('DISPOSED_BEFORE_FACT');
    expect(notes(w)).toMatchObject([{ did: 'disposed-before-fact', stages: [{ stage: 'delete' }] }]);
    // It ends again a year later: the rest goes, and nothing more is said.
    await w.happened(contract, w.fact('contract.ended', '2026-04-05', { id: 'again' }));
    await w.run(w.clock.now() + 40 * 24 * HOUR);
    expect(w.store.size()).toBe(0);
    expect(holdingOf(w, ref)?.state).toBe('disposed');
    expect(holdingOf(w, ref)).not.toHaveProperty('partly');
    expect(notes(w)).toHaveLength(1);
    expect([...(await pageViolations(w)), ...leftOver(w)]).toEqual([]);
  });
});

describe('before each call of a worker on a collection', () => {
  test('a hold that is placed stops what it does not name', async () => {
    const answers = new WeakMap<World, { readonly placed: Placed; readonly effects: number }>();
    const wrong = await beforeEachCall({
      async happens({ w, contract }) {
        const placed = await placeHold(w.core, aHoldOn(contract.ref));
        answers.set(w, { placed, effects: w.store.effects.length });
      },
      async wrong({ w, contract, ref }) {
        const { placed, effects } = answers.get(w) ?? { effects: 0 };
        const isNamed =
          placed?.kind === 'placed' && placed.inFlight.some(({ refs }) => refs.some((one) => one === ref));
        const more = w.store.effects.length > effects;
        await later(w);
        const isLater = w.store.effects.length > effects && !more;
        const before = isLater || (more && !isNamed) ? ['a hold was not honoured'] : [];
        const hold = aHoldOn(contract.ref);
        await endHold(w.core, hold);
        await hintParked(w.core, hold.id);
        await later(w);
        const left = rowsLeft(w).length === 0 ? [] : ['rows are left after the release'];
        return [...before, ...left, ...(await pageViolations(w)), ...leftOver(w)];
      },
    });
    expect(wrong).toEqual([]);
  });

  test('a renewal keeps the rows, or is remarked', async () => {
    const ended = new WeakSet<World>();
    const wrong = await beforeEachCall({
      async happens({ w, contract, ref }) {
        if (holdingOf(w, ref)?.state === 'disposed') ended.add(w);
        await w.happened(contract, w.fact('contract.renewed', new Date(w.clock.now()).toISOString()));
      },
      async wrong({ w, ref }) {
        const left = rowsLeft(w).length;
        await later(w);
        const holding = holdingOf(w, ref);
        const isRemarked = holding?.remarks?.DISPOSED_BEFORE_FACT !== undefined;
        const isDisposed = holding?.state === 'disposed';
        return [
          ...(rowsLeft(w).length < left ? ['rows went after the renewal was acknowledged'] : []),
          ...(isDisposed && !isRemarked && !ended.has(w)
            ? ['it was disposed of before a fact, and nothing says so']
            : []),
          ...(await pageViolations(w)),
          ...leftOver(w),
        ];
      },
    });
    expect(wrong).toEqual([]);
  });

  test('the lease ends, and another worker takes over while the first one goes on', async () => {
    const wrong = await beforeEachCall({
      async happens({ w, chunk }, call) {
        // A call of the store that is on the wire ends within the store's timeout.
        if (call === 'delete') return;
        await leaseEnds(w);
        await workOnChunk(w.core, chunk);
      },
      async wrong({ w, ref }) {
        await later(w);
        return [
          ...(rowsLeft(w).length > 0 ? ['rows are left'] : []),
          ...(holdingOf(w, ref)?.state === 'disposed' ? [] : ['it is not disposed of']),
          ...(await pageViolations(w)),
          ...leftOver(w),
        ];
      },
    });
    expect(wrong).toEqual([]);
  });

  test('a second worker comes with the same bell', async () => {
    const wrong = await beforeEachCall({
      async happens({ w, chunk }) {
        await workOnChunk(w.core, chunk);
      },
      async wrong({ w, ref }) {
        await later(w);
        return [
          ...(holdingOf(w, ref)?.state === 'disposed' ? [] : ['it is not disposed of']),
          ...(await pageViolations(w)),
          ...leftOver(w),
        ];
      },
    });
    expect(wrong).toEqual([]);
  });

  test('rows that are registered and then written stay', async () => {
    const wrong = await beforeEachCall({
      async happens({ w }) {
        await registersRow(w, 'r-000007', [w.entity('contract', 'c-2')]);
        writes(w, 'c-1', ['r-000007']);
      },
      async wrong({ w }) {
        await later(w);
        const left = rowsLeft(w);
        return [
          ...(left.includes('r-000007') ? [] : ['what was written after its registration is gone']),
          ...(left.length === 1 ? [] : [`${left.length} rows are left`]),
          ...(await pageViolations(w, ['r-000007'])),
          ...leftOver(w),
        ];
      },
    });
    expect(wrong).toEqual([]);
  });

  test('a row that is given to another contract stays', async () => {
    const wrong = await beforeEachCall({
      async happens({ w }) {
        if (w.store.fields(['r-000007']) !== undefined) writes(w, 'c-2', ['r-000007']);
        if (w.store.fields(['r-000118']) !== undefined) writes(w, 'c-2', ['r-000118']);
      },
      async wrong({ w }) {
        const given = ROWS.filter((row) => w.store.fields([row])?.['contract'] === 'c-2').length;
        const gone = w.store.effects.filter(({ before }) => before['contract'] === 'c-2').length;
        await later(w);
        return [
          ...(gone > 0 || rowsLeft(w).length !== given ? ['a row of another contract is gone'] : []),
          ...(await pageViolations(w)),
          ...leftOver(w),
        ];
      },
    });
    expect(wrong).toEqual([]);
  });

  test('the pause of the lane stops the next page', async () => {
    const wrong = await beforeEachCall({
      async happens({ w }) {
        const pause = { id: 'p', kind: 'pause' as const, scope: { store: STORE }, at: 0 };
        await w.registry.placeWideHold({ ...pause, state: 'placed' });
      },
      async wrong({ w }) {
        const effects = w.store.effects.length;
        await later(w);
        return w.store.effects.length > effects
          ? ['it went on while the lane was paused']
          : pageViolations(w);
      },
    });
    expect(wrong).toEqual([]);
  });
});
