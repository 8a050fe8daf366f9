import { expect } from 'vitest';
import type { KeyColumn } from '../../../shared/domain/configuration/configuration.ts';
import type { Masks } from '../../../shared/domain/record/masks.ts';
import type { Acted, Locator, Promised, Store, Target } from '../../../shared/ports/store.ts';
import { type Collection, MARKER, type StoreBench } from './store-bench.ts';

export const TEXT: readonly KeyColumn[] = [{ name: 'id', type: 'text' }];
export const INTEGER: readonly KeyColumn[] = [{ name: 'id', type: 'integer' }];
export const PAIR: readonly KeyColumn[] = [
  { name: 'tenant', type: 'text' },
  { name: 'number', type: 'integer' },
];

export const MASKS: Masks = {
  mail: { kind: 'pseudonym' },
  born: { kind: 'truncate-date', to: 'year' },
  score: { kind: 'constant', value: 0 },
  note: { kind: 'null' },
};

/** For records that only have this field. */
export const MAIL_MASKS: Masks = { mail: { kind: 'pseudonym' } };

export type Body = (collection: Collection, store: Store) => Promise<void>;

/** One engine under test; it records the store's answers. */
export interface StoreRig {
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Runs over a fresh, empty collection. */
  readonly using: (keys: readonly KeyColumn[], body: Body) => Promise<void>;
  readonly unreachable: () => Promise<Store>;
  readonly withoutTable: () => Promise<Store>;
}

export function storeRig(startBench: () => Promise<StoreBench>): StoreRig {
  const answers: string[] = [];
  let started: StoreBench | undefined;
  const bench = (): StoreBench => {
    if (!started) throw new Error('the engine did not start; the error above says what to install');
    return started;
  };

  function overheard(store: Store): Store {
    const hear = async <Answer>(answer: Promise<Answer>): Promise<Answer> => {
      const said = await answer;
      answers.push(JSON.stringify(said));
      return said;
    };
    return {
      batch: store.batch,
      atOnce: store.atOnce,
      look: (batch) => hear(store.look(batch)),
      delete: (batch) => hear(store.delete(batch)),
      anonymise: (batch, masks) => hear(store.anonymise(batch, masks)),
      restrict: (batch, on) => hear(store.restrict(batch, on)),
      readBack: (batch) => hear(store.readBack(batch)),
      async read(batch) {
        const read = await store.read(batch);
        // A document is what was asked for; only the others may tell nothing.
        answers.push(JSON.stringify(read.filter(({ state }) => state !== 'document')));
        return read;
      },
      async list(place, limit, after) {
        const listed = await store.list(place, limit, after);
        // Locators are what was asked for, and the position may have one.
        answers.push(JSON.stringify(listed.state === 'listed' ? listed.state : listed));
        return listed;
      },
      async range(range, limit, after) {
        const found = await store.range(range, limit, after);
        // Locators and values are what was asked for, and the position has some.
        answers.push(JSON.stringify(found.state === 'ranged' ? found.state : found));
        return found;
      },
      async idsOf(batch, place) {
        const found = await store.idsOf(batch, place);
        // Ids are what was asked for.
        answers.push(JSON.stringify(found.filter(({ state }) => state !== 'in')));
        return found;
      },
      survey: (question) => hear(store.survey(question)),
      recovery: () => hear(store.recovery()),
      close: () => store.close(),
    };
  }

  return {
    async start() {
      started = await startBench();
    },
    async stop() {
      await started?.stop();
      // The marker is in every record and in many keys, so it is in every driver message about them.
      expect(answers.length).toBeGreaterThan(0);
      expect(answers.filter((answer) => answer.includes(MARKER))).toEqual([]);
    },
    async using(keys, body) {
      const collection = await bench().collection(keys);
      try {
        await body(collection, overheard(collection.store));
      } finally {
        await collection.store.close();
      }
    },
    unreachable: async () => overheard(await bench().unreachable(TEXT)),
    withoutTable: async () => overheard(await bench().withoutTable(TEXT)),
  };
}

/** What the worker acts on: locators with the versions that `look` returned. */
export async function looked(store: Store, locators: readonly Locator[]): Promise<Target[]> {
  const presences = await store.look(locators);
  return locators.map((locator, index) => {
    const presence = presences[index];
    if (presence?.state !== 'present') throw new Error(`expected a record, found ${presence?.state}`);
    return presence.version === undefined ? { locator } : { locator, version: presence.version };
  });
}

export const outcomesOf = (acted: readonly Acted[]): string[] => acted.map(({ outcome }) => outcome);
export const statesOf = (read: readonly { readonly state: string }[]): string[] =>
  read.map(({ state }) => state);
export const gone = (locator: Locator): Promised => ({ locator, expect: 'gone' });
export const masked = (locator: Locator): Promised => ({ locator, expect: 'masked', masks: MASKS });
export const mailMasked = (locator: Locator): Promised => ({ locator, expect: 'masked', masks: MAIL_MASKS });
