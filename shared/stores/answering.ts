import type {
  Acted,
  Member,
  Presence,
  Promised,
  Read,
  ReadBack,
  Store,
  Target,
  ToRead,
} from '../ports/store.ts';
import { present } from '../domain/present.ts';
import { SURVEY_PARTS } from '../domain/coverage/survey.ts';

const UNKNOWN = { state: 'unknown', code: 'STORE_ERROR' } as const satisfies Presence & ReadBack & Read;
const FAILED: Acted = { outcome: 'failed', code: 'STORE_ERROR' };

const UNSEEN = SURVEY_PARTS.map((part) => ({ part, code: 'STORE_ERROR' }));

/**
 * The store, with an answer also where a call throws: a verb that the kind does not have, or a key for pseudonyms that
 * cannot be had. A call that throws would end the worker's run each time, and with it the work on all other records of
 * the chunk. What was to be read back is asked once more in parts that need the same, so that masks whose key is missing
 * hide no deletion. `onError` gets what was thrown.
 */
export function answering(store: Store, onError: (error: unknown) => void): Store {
  async function unlessThrown<Answer, Instead>(
    ask: () => Promise<Answer>,
    instead: () => Instead,
  ): Promise<Answer | Instead> {
    try {
      return await ask();
    } catch (error) {
      onError(error);
      return instead();
    }
  }
  const orElse = <Item, Answer>(
    batch: readonly Item[],
    ask: (batch: readonly Item[]) => Promise<Answer[]>,
    answer: Answer,
  ): Promise<Answer[]> =>
    unlessThrown(
      () => ask(batch),
      () => batch.map(() => answer),
    );
  const acting = (
    batch: readonly Target[],
    ask: (batch: readonly Target[]) => Promise<Acted[]>,
  ): Promise<Acted[]> => orElse(batch, ask, FAILED);
  const orUnknown = <Answer>(ask: () => Promise<Answer>) => unlessThrown(ask, () => UNKNOWN);

  return {
    batch: store.batch,
    atOnce: store.atOnce,
    ...present({ vendor: store.vendor }),
    look: (batch) => orElse<(typeof batch)[number], Presence>(batch, (all) => store.look(all), UNKNOWN),
    delete: (batch) => acting(batch, (all) => store.delete(all)),
    anonymise: (batch, masks) => acting(batch, (all) => store.anonymise(all, masks)),
    restrict: (batch, on) => acting(batch, (all) => store.restrict(all, on)),
    async readBack(batch) {
      try {
        return await store.readBack(batch);
      } catch {
        return inParts(batch, (part) =>
          orElse<Promised, ReadBack>(part, (all) => store.readBack(all), UNKNOWN),
        );
      }
    },
    read: (batch) => orElse<ToRead, Read>(batch, (all) => store.read(all), UNKNOWN),
    list: (place, limit, after) => orUnknown(() => store.list(place, limit, after)),
    range: (range, limit, after) => orUnknown(() => store.range(range, limit, after)),
    idsOf: (batch, place) =>
      orElse<(typeof batch)[number], Member>(batch, (all) => store.idsOf(all, place), UNKNOWN),
    survey: (question) =>
      unlessThrown(
        () => store.survey(question),
        () => ({ personal: [], uncovered: [], neverPresent: [], datasets: [], notSeen: UNSEEN }),
      ),
    recovery: () =>
      unlessThrown(
        () => store.recovery(),
        () => ({ days: 0, isWhole: false, code: 'STORE_ERROR' }) as const,
      ),
    close: () => store.close(),
  };
}

async function inParts(
  batch: readonly Promised[],
  ask: (part: readonly Promised[]) => Promise<ReadBack[]>,
): Promise<ReadBack[]> {
  const answers = new Map<Promised, ReadBack>();
  const parts = Map.groupBy(batch, ({ expect, masks }) => JSON.stringify([expect, masks]));
  for (const part of parts.values()) {
    const read = await ask(part);
    for (const [index, one] of part.entries()) answers.set(one, read[index] ?? UNKNOWN);
  }
  return batch.map((one) => answers.get(one) ?? UNKNOWN);
}
