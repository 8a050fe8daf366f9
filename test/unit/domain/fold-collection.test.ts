import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CollectionFact, foldCollection } from '../../../shared/domain/collections/fold-collection.ts';
import { tombstoneOf } from '../../../shared/domain/facts/tombstone.ts';
import type { Holding, StageDone } from '../../../shared/domain/record/holding.ts';
import type { EntityRef, HoldingRef } from '../../../shared/domain/record/ids.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function fact(sent: number, more: Partial<CollectionFact> = {}): CollectionFact {
  return {
    ref: 'collection' as HoldingRef,
    store: 'uploads',
    collection: 'uploads',
    producer: 'portal',
    entity: { type: 'account', ref: 'account' as EntityRef },
    sent,
    received: sent,
    brings: 0,
    ...more,
  };
}

function after(
  before: Holding | undefined,
  facts: readonly CollectionFact[],
  isWatched = false,
): Holding | undefined {
  return facts.reduce<Holding | undefined>((holding, one) => {
    const folded = foldCollection(holding, one, { isWatched });
    return folded.kind === 'nothing' ? holding : folded.next;
  }, before);
}

/** What a decision depends on. */
function stands(holding: Holding | undefined): unknown {
  const { generation, state, variants = [], known, kept, collection } = holding ?? {};
  const said = variants.map(({ producer, content, sent }) => ({ producer, content, sent }));
  return { generation, state, said, known, kept, collection };
}

const sentOf = (holding: Holding | undefined): readonly number[] =>
  (holding?.variants ?? []).map(({ sent }) => sent);

/** As the lane leaves it. */
function disposed(holding: Holding | undefined, at: number): Holding {
  if (holding === undefined) throw new Error('there is nothing to dispose of');
  const done: StageDone = {
    stage: 'delete',
    outcome: 'deleted',
    at,
    link: 'link',
    version: holding.version,
    facts: '',
    policies: '',
  };
  const tombstone = tombstoneOf({ ...holding, done: [done] });
  return { ...tombstone, state: 'disposed', version: holding.version + 1 };
}

describe('a collection that is there', () => {
  test('was sent when the first fact about its entity was, in whatever order they arrive', () => {
    const all = [fact(30 * HOUR), fact(10 * HOUR), fact(20 * HOUR)];
    expect(sentOf(after(undefined, all))).toEqual([10 * HOUR]);
    expect(stands(after(undefined, all.toReversed()))).toEqual(stands(after(undefined, all)));
  });

  test('is not written for a fact that says nothing new', () => {
    const before = after(undefined, [fact(10 * HOUR)]);
    expect(foldCollection(before, fact(20 * HOUR), { isWatched: false })).toEqual({ kind: 'nothing' });
    expect(foldCollection(before, fact(10 * HOUR), { isWatched: true })).toEqual({ kind: 'nothing' });
  });

  test('moves its version for a new fact where a worker may be at it, so that its write lag runs, and nothing else', () => {
    const before = after(undefined, [fact(10 * HOUR)]);
    const moved = after(before, [fact(20 * HOUR)], true);
    expect(stands(moved)).toEqual(stands(before));
    expect(moved).toMatchObject({
      version: 2,
      variants: [{ received: 20 * HOUR, registeredAt: 10 * HOUR, since: 1, folded: 1 }],
    });
    expect(after(moved, [fact(20 * HOUR)], true)).toBe(moved);
  });

  test('is kept by whichever keeps longer where the configuration names another producer since', () => {
    const both = after(undefined, [fact(10 * HOUR), fact(20 * HOUR, { producer: 'billing' })]);
    expect(both?.variants.map(({ producer, sent }) => [producer, sent])).toEqual([
      ['portal', 10 * HOUR],
      ['billing', 20 * HOUR],
    ]);
  });

  test('is never sent after it was received', () => {
    expect(sentOf(after(undefined, [fact(30 * HOUR, { received: 5 * HOUR })]))).toEqual([5 * HOUR]);
  });
});

describe('a collection that was disposed of', () => {
  const gone = disposed(after(undefined, [fact(10 * HOUR)]), 21 * HOUR);

  test('begins again with a fact that was sent later', () => {
    const folded = foldCollection(gone, fact(30 * HOUR), { isWatched: false });
    expect(folded).toMatchObject({
      kind: 'folded',
      tombstone: { state: 'disposed', generation: 1 },
      next: { generation: 2, collection: 'uploads', variants: [{ sent: 30 * HOUR }] },
    });
    if (folded.kind === 'folded') expect(folded.next).not.toHaveProperty('locator');
  });

  test('does not begin again with what was sent before', () => {
    for (const sent of [5, 10, 20, 21])
      expect(foldCollection(gone, fact(sent * HOUR), { isWatched: true })).toEqual({ kind: 'nothing' });
  });

  test('begins again, as it was, for records that the disposal may have missed', () => {
    const late = after(gone, [fact(20.5 * HOUR, { brings: HOUR })]);
    expect(late).toMatchObject({ generation: 2, variants: [{ sent: 10 * HOUR }] });
    expect(after(gone, [fact(19.5 * HOUR, { brings: HOUR })])).toBe(gone);
    // What is sent after the disposal is not covered by what covered those.
    const then = after(late, [fact(30 * HOUR), fact(25 * HOUR)]);
    expect(then).toMatchObject({ generation: 2, variants: [{ sent: 25 * HOUR, since: 4 }] });
  });

  test('is not taken back to the time before by a fact that arrives late', () => {
    const again = after(gone, [fact(30 * HOUR)]);
    expect(after(again, [fact(5 * HOUR), fact(20 * HOUR), fact(21 * HOUR)])).toBe(again);
    expect(sentOf(after(again, [fact(25 * HOUR)]))).toEqual([25 * HOUR]);
  });
});

describe('a collection of which only records are left that are registered on their own', () => {
  const left = (): Holding => {
    const before = after(undefined, [fact(10 * HOUR)]);
    if (before === undefined) throw new Error('there is none');
    return { ...before, kept: { records: 3, at: 21 * HOUR } };
  };

  test('begins again with a fact that was sent later, in the same generation', () => {
    const again = after(left(), [fact(30 * HOUR)]);
    expect(again).toMatchObject({
      generation: 1,
      state: 'active',
      variants: [{ sent: 30 * HOUR, since: 2 }],
    });
    expect(again).not.toHaveProperty('kept');
    expect(after(again, [fact(5 * HOUR), fact(21 * HOUR)])).toBe(again);
  });

  test('stays as it is with what was sent before', () => {
    const before = left();
    expect(after(before, [fact(12 * HOUR), fact(21 * HOUR)])).toBe(before);
    expect(after(before, [fact(5 * HOUR)])).toMatchObject({
      kept: { records: 3 },
      variants: [{ sent: 5 * HOUR }],
    });
  });
});

test('any order and any repetition of facts ends in the same collection, before and after each disposal', () => {
  const instants = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 });
  const told = fc.record({
    /** What was known when it was disposed of, and everything; the second is folded in any order. */
    before: instants,
    later: instants,
    isKept: fc.boolean(),
    endedAt: fc.integer({ min: 1, max: 60 }),
    order: fc.infiniteStream(fc.nat()),
  });
  fc.assert(
    fc.property(told, ({ before, later, isKept, endedAt, order }) => {
      const shuffled = later
        .flatMap((sent) => [sent, sent])
        .map((sent) => ({ sent, at: order.next().value as number }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ sent }) => fact(sent * HOUR));
      const known = after(
        undefined,
        before.map((sent) => fact(sent * HOUR)),
      );
      expect(sentOf(known)).toEqual([Math.min(...before) * HOUR]);
      if (known === undefined) throw new Error('there is none');
      const ended = isKept
        ? { ...known, kept: { records: 1, at: endedAt * HOUR } }
        : disposed(known, endedAt * HOUR);
      const inOrder = after(
        ended,
        later.toSorted((a, b) => a - b).map((sent) => fact(sent * HOUR)),
      );
      expect(stands(after(ended, shuffled))).toEqual(stands(inOrder));
      const since = later.filter((sent) => sent > endedAt && (!isKept || Math.min(...before) <= endedAt));
      if (since.length > 0) expect(sentOf(inOrder)).toEqual([Math.min(...since) * HOUR]);
    }),
    { numRuns: 2000 },
  );
});
