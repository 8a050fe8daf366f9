import type { KeyColumn } from '../domain/configuration/configuration.ts';
import { canonicalLocator } from '../domain/configuration/locator.ts';
import type { Locator } from '../ports/store.ts';

/** A locator in the engine's form, or why the engine need not be asked. */
export type KeyResult<Key> =
  | { readonly state: 'key'; readonly key: Key }
  /** No record of this store can have such a key: a number out of range, or text that the engine cannot store. */
  | { readonly state: 'impossible' }
  /** Not the number or the types of values that the store's key columns declare. */
  | { readonly state: 'wrong' };

/** An item that the engine is asked about. Equal questions have the same `id`. */
export interface Asked<Item, Key> {
  readonly id: string;
  readonly item: Item;
  readonly key: Key;
}

export interface Questions<Item, Key, Answer> {
  readonly keys: readonly KeyColumn[];
  locatorOf(item: Item): Locator;
  /** What makes two items with the same locator different. */
  detailOf?(item: Item): string;
  keyOf(locator: Locator): KeyResult<Key>;
  readonly impossible: Answer;
  readonly wrong: Answer;
  ask(asked: readonly Asked<Item, Key>[]): Promise<readonly Answer[]>;
}

/**
 * Asks the engine once for each distinct record that can exist, and returns an answer for every item of the batch, in
 * order. Engines refuse duplicates or answer only one of them, and one invalid key would fail the whole request.
 */
export async function answerEach<Item, Key, Answer>(
  batch: readonly Item[],
  questions: Questions<Item, Key, Answer>,
): Promise<Answer[]> {
  const distinct: Asked<Item, Key>[] = [];
  const numbers = new Map<string, number>();
  const isAlike = (item: Item, number: number): boolean => {
    const other = distinct[number];
    return other !== undefined && questions.detailOf?.(item) === questions.detailOf?.(other.item);
  };
  const places = batch.map((item): number | 'wrong' | 'impossible' => {
    const locator = canonicalLocator(questions.keys, questions.locatorOf(item));
    if (!locator.ok) return 'wrong';
    const key = questions.keyOf(locator.locator);
    if (key.state !== 'key') return key.state;
    let id = locator.canonical;
    const first = numbers.get(id);
    if (first !== undefined) {
      if (isAlike(item, first)) return first;
      // Few items have the locator of another one: only their questions need a longer name.
      id = `${id} ${questions.detailOf?.(item) ?? ''}`;
      const known = numbers.get(id);
      if (known !== undefined) return known;
    }
    numbers.set(id, distinct.length);
    return distinct.push({ id, item, key: key.key }) - 1;
  });
  const answers = distinct.length === 0 ? [] : await questions.ask(distinct);
  if (answers.length !== distinct.length)
    throw new TypeError('a store must answer for every item of a batch');
  return places.map((place) => (typeof place === 'number' ? (answers[place] as Answer) : questions[place]));
}
