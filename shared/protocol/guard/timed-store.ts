import { present } from '../../domain/present.ts';
import { kindOfCall, type MeasuredCall } from '../../domain/guard/pace.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';

/**
 * The store, whose answers are timed. Calls that failed, if only for one record, are left out: a refusal is fast, and a store
 * that cannot be reached has a back-off of its own.
 */
export function timedStore(store: Store, clock: Clock, note: (call: MeasuredCall) => void): Store {
  async function timed<Answer>(
    verb: string,
    records: number,
    ask: () => Promise<Answer>,
    parts: (answer: Answer) => readonly object[],
  ): Promise<Answer> {
    const began = clock.now();
    const answer = await ask();
    const milliseconds = clock.now() - began;
    if (milliseconds >= 0 && !parts(answer).some(hasFailed))
      note({ kind: kindOfCall(verb, records), milliseconds });
    return answer;
  }
  const all = <Answer extends object>(answers: readonly Answer[]): readonly object[] => answers;
  const itself = <Answer extends object>(answer: Answer): readonly object[] => [answer];
  return {
    batch: store.batch,
    atOnce: store.atOnce,
    ...present({ vendor: store.vendor }),
    look: (batch) => timed('look', batch.length, () => store.look(batch), all),
    delete: (batch) => timed('delete', batch.length, () => store.delete(batch), all),
    anonymise: (batch, masks) => timed('anonymise', batch.length, () => store.anonymise(batch, masks), all),
    restrict: (batch, on) => timed('restrict', batch.length, () => store.restrict(batch, on), all),
    readBack: (batch) => timed('readBack', batch.length, () => store.readBack(batch), all),
    list: (place, limit, after) => timed('list', limit, () => store.list(place, limit, after), itself),
    range: (range, limit, after) => timed('range', limit, () => store.range(range, limit, after), itself),
    idsOf: (batch, place) => store.idsOf(batch, place),
    read: (batch) => store.read(batch),
    survey: (question) => store.survey(question),
    recovery: () => store.recovery(),
    close: () => store.close(),
  };
}

function hasFailed(answer: object): boolean {
  return (
    ('outcome' in answer && answer.outcome === 'failed') || ('state' in answer && answer.state === 'unknown')
  );
}
