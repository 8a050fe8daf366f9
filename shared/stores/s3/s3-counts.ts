import { isoUtc } from '../../domain/calendar/utc-time.ts';
import type { JsonValue } from '../../domain/canonical-json.ts';
import type { KeyColumn } from '../../domain/configuration/configuration.ts';
import type { Count, DatasetCounts, DatasetQuestion } from '../../domain/coverage/survey.ts';
import { datasetCounter } from '../dataset-counter.ts';
import { locatorOf, MODIFIED } from './s3-place.ts';

/** Counts the objects of datasets while they are listed. */
export interface ObjectCounters {
  /** `at`: when it was written. */
  readonly add: (key: string, at: number) => void;
  readonly counts: (counted: Count['counted']) => DatasetCounts[];
}

/** Clocks of objects are the time when they were written, or a part of their keys; datasets are told apart by prefix. */
export function objectCounters(
  datasets: readonly DatasetQuestion[],
  { keys, prefix }: { readonly keys: readonly KeyColumn[]; readonly prefix: string },
): ObjectCounters {
  const counters = datasets.map(({ where = {}, ...question }) => ({
    place: `${prefix}${String(where['prefix'] ?? '')}`,
    isOfKey: question.clock.column !== MODIFIED,
    counter: datasetCounter(question),
  }));
  return {
    add(key, at) {
      const meant = counters.filter(({ place }) => key.startsWith(place));
      if (meant.length === 0) return;
      const written = Number.isFinite(at) ? { [MODIFIED]: isoUtc(at) } : {};
      const named = meant.some(({ isOfKey }) => isOfKey) ? valuesIn(keys, prefix, key) : {};
      for (const { counter } of meant) counter.add({ ...named, ...written });
    },
    counts: (counted) => counters.map(({ counter }) => counter.counts(counted)),
  };
}

function valuesIn(keys: readonly KeyColumn[], prefix: string, key: string): Record<string, JsonValue> {
  const locator = locatorOf(keys, prefix, key) ?? [];
  return Object.fromEntries(
    keys.flatMap(({ name }, index) => {
      const value = locator[index];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
