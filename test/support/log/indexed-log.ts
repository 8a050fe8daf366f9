import type { apiWorld } from '../api-world.ts';
import { dayId } from '../../../shared/domain/calendar/utc-time.ts';
import { parts } from '../../../shared/domain/each.ts';
import type { Entry } from '../../../shared/domain/record/entry.ts';
import type { LogRef } from '../../../shared/domain/record/ids.ts';
import type { AttemptResult } from '../../../shared/domain/record/work.ts';
import { sealedIndexOf } from '../../../shared/protocol/log/bundle.ts';
import { indexNext } from '../../../shared/protocol/log/index-log.ts';
import { BATCH } from '../../../shared/protocol/log/seal.ts';

type World = ReturnType<typeof apiWorld>;

export function anEntry(token: string, of: Pick<Entry, 'store' | 'rule' | 'outcome'>): Entry {
  return {
    v: 2,
    token,
    holding: 'aaaaaaaaaaaaaaaaaaaaaa' as LogRef,
    generation: 1,
    stage: 'delete',
    categories: ['registration'],
    subjects: [],
    policy: 'shop-policy',
    policyVersion: '1',
    facts: [],
    software: 'tenure/0.0.0',
    tzdata: '2026c',
    leased: `${token.slice(0, 13)}:00:00.000Z`,
    ...of,
  };
}

export interface Shape {
  readonly from: string;
  readonly days: number;
  readonly results: number;
  /** Of the result with this number. */
  readonly lines: (number: number) => readonly Pick<Entry, 'rule' | 'outcome'>[];
  readonly store: (number: number) => string;
}

/**
 * A log of this shape, indexed as `seal` does it, and counted as it is read. Its results are made when they are asked for;
 * the days' own index is not there, so that reading it would give nothing.
 */
export async function indexedLog(
  { registry, clock }: World,
  { from, days, results, lines, store }: Shape,
): Promise<{ requests: number; read: number; readonly tokens: readonly string[] }> {
  const start = Date.parse(from);
  const resultOf = (token: string): AttemptResult => {
    const number = Number(token.split('.')[1]);
    const of = { store: store(number) };
    const entries = lines(number).map((line) => anEntry(token, { ...of, ...line }));
    return { token, ...of, entries, lines: [] };
  };
  const tokens = Array.from({ length: results }, (_, number) => {
    const day = Math.floor((number * days) / results);
    return `${dayId(start + day * 86_400_000)}T10.${String(number).padStart(8, '0')}`;
  });
  let size = 0;
  for (const some of parts(tokens, BATCH)) {
    const sealed = some.map((token) => {
      const index = sealedIndexOf(resultOf(token), size);
      size += index.count;
      return index;
    });
    await indexNext({ registry, clock }, sealed);
  }
  await registry.putHead({ version: 1, size, batch: [], published: true });
  const counted = { requests: 0, read: 0, tokens };
  const count =
    <Args extends unknown[], Answer>(call: (...args: Args) => Promise<Answer>, keys = 1) =>
    async (...args: Args): Promise<Answer> => {
      const [asked] = args;
      counted.requests += Array.isArray(asked) ? Math.ceil(asked.length / keys) : 1;
      return call(...args);
    };
  registry.head = count(registry.head.bind(registry));
  registry.logIndexed = count(registry.logIndexed.bind(registry));
  registry.logMonths = count(registry.logMonths.bind(registry), 100);
  registry.logMonthsBetween = count(registry.logMonthsBetween.bind(registry));
  registry.logPages = count(registry.logPages.bind(registry), 100);
  registry.pointers = count(registry.pointers.bind(registry));
  registry.holdings = count(registry.holdings.bind(registry), 100);
  registry.tombstones = count(registry.tombstones.bind(registry));
  registry.tombstonesAt = count(registry.tombstonesAt.bind(registry), 100);
  registry.sealed = count(registry.sealed.bind(registry), 100);
  registry.results = count(async (asked) => {
    counted.read += asked.length;
    return new Map(asked.map((token) => [token, resultOf(token)]));
  }, 100);
  registry.sealedOfDay = async (day) => {
    throw new Error(`the results of ${day} were read one by one`);
  };
  return counted;
}
