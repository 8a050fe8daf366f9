import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { misplanned } from '../../support/driver/decision-from-facts.ts';
import { driver, type Driver } from '../../support/driver/driver.ts';
import { counting, killAt } from '../../support/driver/kill-points.ts';
import {
  collectionsOf,
  PEOPLE,
  type Said,
  say,
  sentAt,
} from '../../support/driver/people-with-collections.ts';

async function afterAll(all: readonly Said[]): Promise<Driver> {
  const d = await driver(PEOPLE);
  for (const said of all) {
    say(d, said);
    await d.settle();
  }
  expect(d.registry.allQuarantined()).toEqual([]);
  expect(misplanned(d)).toEqual([]);
  return d;
}

const asked = sentAt('asked');
/** Rounded up, and so far in the past that it is due at once. */
const erased = (sent: number) => ({ generation: 1, sent: [sent], actAt: asked });

describe('an erasure request', () => {
  test('covers the collection that its own fact has registered', async () => {
    const d = await afterAll(['asked']);
    expect(collectionsOf(d)).toEqual({ notes: undefined, letters: erased(asked) });
  });

  test('covers the collections of an account that is linked, in whatever order it is heard of', async () => {
    for (const order of [
      ['started', 'link', 'asked'],
      ['asked', 'started', 'link'],
      ['asked', 'link', 'started'],
      ['link', 'asked', 'started'],
    ] as const)
      expect(collectionsOf(await afterAll(order))).toEqual({
        notes: erased(sentAt('started')),
        letters: erased(sentAt('link')),
      });
  });

  test('covers those of an account that only its link, or its records, have named', async () => {
    for (const one of ['link', 'profile'] as const) {
      const covered = { notes: erased(sentAt(one)), letters: erased(sentAt(one)) };
      expect(collectionsOf(await afterAll([one, 'asked']))).toEqual(covered);
      expect(collectionsOf(await afterAll(['asked', one]))).toEqual(covered);
    }
  });

  test('is not escaped by what is sent later while the collection is there', async () => {
    const all = ['started', 'link', 'asked', 'renewed'] as const;
    const covered = { notes: erased(sentAt('started')), letters: erased(sentAt('link')) };
    expect(collectionsOf(await afterAll(all))).toEqual(covered);
    expect(collectionsOf(await afterAll(all.toReversed()))).toEqual(covered);
  });

  test('does not cover an account of which nothing was sent before it', async () => {
    const d = await afterAll(['asked', 'renewed']);
    expect(collectionsOf(d).notes).toEqual({ generation: 1, sent: [sentAt('renewed')] });
  });
});

test('what people and applications say ends in the same collections in any order', async () => {
  const all: readonly Said[] = ['started', 'profile', 'link', 'asked', 'renewed', 'taken back'];
  const inOrder = collectionsOf(await afterAll(all));
  const order = fc.shuffledSubarray([...all, ...all], { minLength: 12 });
  await fc.assert(
    fc.asyncProperty(order, async (said) => {
      expect(collectionsOf(await afterAll(said))).toEqual(inOrder);
    }),
    { numRuns: 40 },
  );
});

describe('ingest is killed before and after each of its calls', () => {
  /** The last of these is killed, and comes again. */
  const lives: readonly (readonly Said[])[] = [
    ['started'],
    ['asked'],
    ['started', 'link'],
    ['asked', 'link'],
    ['asked', 'profile'],
    ['link', 'asked'],
    // It was sent before what the collection knows.
    ['renewed', 'started'],
    ['asked', 'renewed', 'link'],
    ['started', 'taken back'],
  ];
  test.for(lives.map((life) => [life.join(', then '), life] as const))('%s', async ([, life]) => {
    const before = life.slice(0, -1);
    const [last] = life.slice(-1);
    if (last === undefined) throw new Error('nothing is said');
    const calls: string[] = [];
    const undisturbed = await afterAll(before);
    undisturbed.onNext('ingest', counting(calls));
    say(undisturbed, last);
    await undisturbed.settle();
    for (const [index] of calls.entries()) {
      for (const when of ['before', 'after'] as const) {
        const d = await afterAll(before);
        d.onNext('ingest', killAt(index + 1, when));
        say(d, last);
        await d.settle();
        // Nothing falls due while the message waits for its next delivery.
        d.down.add('sweep').add('dispose');
        await d.pass(30 * 60_000);
        expect(misplanned(d)).toEqual([]);
        expect(collectionsOf(d), `${when} ${calls[index]}`).toEqual(collectionsOf(undisturbed));
      }
    }
    expect(calls.length).toBeGreaterThan(8);
  });
});
