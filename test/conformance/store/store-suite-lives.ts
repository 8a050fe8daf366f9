import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Locator } from '../../../shared/ports/store.ts';
import { FREE, GONE, marksOf, RESTRICTED } from '../restriction/restriction-suite.ts';
import { MARKER, PERSON } from './store-bench.ts';
import { gone, looked, masked, MASKS, outcomesOf, PAIR, statesOf, type StoreRig } from './store-rig.ts';

/** An application and a worker take turns on a few records; a map says what should be there. */
export function randomLives({ using }: StoreRig): void {
  test('agrees with a plain map over random lives of a few records', () =>
    using(PAIR, async ({ put, remove, read }, store) => {
      const locator = fc.constantFrom<Locator>(['a', 1], ['a', 2], ["b'", 1], [MARKER, -5]);
      const act = fc.constantFrom('put', 'remove', 'delete', 'anonymise', 'restrict', 'lift');
      const step = fc.record({ act, locator });
      const model = new Map<string, 'plain' | 'masked'>();
      const restricted = new Set<string>();
      const known = new Map<string, Locator>();
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
          for (const { act, locator: at } of steps) {
            const id = JSON.stringify(at);
            known.set(id, at);
            const [presence] = await store.look([at]);
            expect(presence?.state).toBe(model.has(id) ? 'present' : 'gone');
            if (act === 'put') {
              // This application removes a record before it writes it again, and with it the restriction.
              await remove(at);
              await put(at, PERSON);
              model.set(id, 'plain');
              restricted.delete(id);
            } else if (act === 'remove') {
              await remove(at);
              model.delete(id);
              restricted.delete(id);
            } else if (act === 'restrict' || act === 'lift') {
              const targets = model.has(id) ? await looked(store, [at]) : [{ locator: at }];
              const isSo = !model.has(id) || restricted.has(id) === (act === 'restrict');
              const done = act === 'restrict' ? 'restricted' : 'lifted';
              expect(outcomesOf(await store.restrict(targets, act === 'restrict'))).toEqual([
                isSo ? 'already-so' : done,
              ]);
              if (act === 'restrict' && model.has(id)) restricted.add(id);
              else restricted.delete(id);
            } else if (model.has(id)) {
              const targets = await looked(store, [at]);
              const acted = act === 'delete' ? store.delete(targets) : store.anonymise(targets, MASKS);
              const done =
                act === 'delete' ? 'deleted' : model.get(id) === 'masked' ? 'already-so' : 'anonymised';
              expect(outcomesOf(await acted)).toEqual([done]);
              if (act === 'delete') {
                model.delete(id);
                restricted.delete(id);
              } else model.set(id, 'masked');
            }
          }
          for (const [id, at] of known) {
            const state = model.get(id);
            expect(statesOf(await store.readBack([gone(at), masked(at)]))).toEqual([
              state ? 'broken' : 'kept',
              state === 'plain' ? 'broken' : 'kept',
            ]);
            expect((await read(at))?.mail === PERSON.mail).toBe(state === 'plain');
            const mark = restricted.has(id) ? RESTRICTED : FREE;
            expect(await marksOf(store, [at])).toEqual([state ? mark : GONE]);
          }
        }),
        { numRuns: 40 },
      );
    }));
}
