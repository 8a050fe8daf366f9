import type { KeyColumn } from '../domain/configuration/configuration.ts';
import { canonicalLocator } from '../domain/configuration/locator.ts';
import type { Locator } from '../ports/store.ts';

/** A locator as its engine takes it, or why there is nothing to ask the engine. */
export type KeyResult<Key> =
  | { readonly state: 'key'; readonly key: Key }
  /** No record of this store can have such a key: a number out of range, a text the engine cannot hold. */
  | { readonly state: 'impossible' }
  /** Not the number or the types of values that the store's key columns declare. */
  | { readonly state: 'wrong' };

/** An item that the engine is asked about. `id` is equal for equal questions. */
export interface Asked<Item, Key> {
  readonly id: string;
  readonly item: Item;
  readonly key: Key;
}

export interface Questions<Item, Key, Answer> {
  readonly keys: readonly KeyColumn[];
  locatorOf(item: Item): Locator;
  /** What beside the locator makes two items differ. */
  detailOf?(item: Item): string;
  keyOf(locator: Locator): KeyResult<Key>;
  readonly impossible: Answer;
  readonly wrong: Answer;
  ask(asked: readonly Asked<Item, Key>[]): Promise<readonly Answer[]>;
}

/**
 * Asks the engine once for each distinct record that can exist, and answers for every item of the batch in its order.
 * Engines refuse duplicates or answer for one of them only, and one odd key would fail all that travel with it.
 */
export async function answerEach<Item, Key, Answer>(
  batch: readonly Item[],
  questions: Questions<Item, Key, Answer>,
): Promise<Answer[]> {
  const asked = new Map<string, Asked<Item, Key>>();
  const places = batch.map((item): { readonly id: string } | { readonly answer: Answer } => {
    const locator = canonicalLocator(questions.keys, questions.locatorOf(item));
    if (!locator.ok) return { answer: questions.wrong };
    const key = questions.keyOf(locator.locator);
    if (key.state === 'wrong') return { answer: questions.wrong };
    if (key.state === 'impossible') return { answer: questions.impossible };
    const id = `${locator.canonical} ${questions.detailOf?.(item) ?? ''}`;
    if (!asked.has(id)) asked.set(id, { id, item, key: key.key });
    return { id };
  });
  const distinct = [...asked.values()];
  const answers = distinct.length === 0 ? [] : await questions.ask(distinct);
  if (answers.length !== distinct.length)
    throw new TypeError('a store has to answer for every item of a batch');
  const found = new Map(distinct.map(({ id }, index) => [id, answers[index] as Answer]));
  return places.map((place) => ('answer' in place ? place.answer : (found.get(place.id) as Answer)));
}
