import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../../shared/domain/canonical-json.ts';
import { memoryLogBucket } from '../../../shared/adapters/memory/memory-log.ts';
import type { ActionEntry, Entry } from '../../../shared/domain/record/entry.ts';
import type { LogRef } from '../../../shared/domain/record/ids.ts';
import { actionToken, type AttemptResult } from '../../../shared/domain/record/work.ts';
import type { LogBucket } from '../../../shared/ports/log.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import type { LogHead } from '../../../shared/ports/results.ts';
import { bundleBytes, bundleKey, logLinesOf, sealedIndexOf } from '../../../shared/protocol/log/bundle.ts';
import { rebuildId } from '../../../shared/protocol/restore/restored.ts';
import { seal } from '../../../shared/protocol/log/seal.ts';
import { world } from '../../support/driver/world.ts';
import { expectCaught, expectNothingWrong } from '../../support/model/expect-explored.ts';
import { exploreSample } from '../../support/model/explore.ts';
import type { Model } from '../../support/model/model.ts';

const TABLE = 'registry-restored';
const HOUR = '2026-03-01T10';

function entry(token: string, holding: string, outcome: Entry['outcome'] = 'deleted'): Entry {
  return {
    v: 2,
    token,
    holding: holding as LogRef,
    generation: 1,
    stage: outcome === 'pseudonymised' ? 'anonymise' : 'delete',
    categories: ['notes'],
    store: 'notes',
    outcome,
    subjects: [],
    policy: 'p',
    policyVersion: '1',
    rule: 'r',
    facts: [],
    leased: '2026-03-01T10:00:00.000Z',
    readBack: '2026-03-01T10:01:00.000Z',
    software: 's',
    tzdata: 't',
  };
}

function result(token: string, ...entries: readonly Entry[]): AttemptResult {
  return { token, store: 'notes', entries, lines: [] };
}

const [a, b, e, late] = ['a', 'b', 'e', 'late'].map((name) => `${HOUR}.${name}`) as [
  string,
  string,
  string,
  string,
];
const c = actionToken(HOUR, 'c');
const paused: ActionEntry = {
  v: 2,
  token: c,
  did: 'pause',
  by: 'someone' as LogRef,
  at: '2026-03-01T10:00:00.000Z',
  software: 's',
};

const A = result(a, entry(a, 'h-1'), entry(a, 'h-2', 'failed'));
const B = result(b, entry(b, 'h-2', 'pseudonymised'));
const C: AttemptResult = { token: c, store: '', entries: [], lines: [], actions: [paused] };
const E = result(e, entry(e, 'h-1', 'already-so'));
const LATE = result(late, entry(late, 'h-9'));
/** What the former table's seals put into the log; the last one while the restored table was adopted already. */
const BUNDLES: readonly (readonly AttemptResult[])[] = [[A, B], [C], [E]];
const FIRST = [0, 3, 4];

const EMPTY: LogHead = { version: 0, size: 0, batch: [], published: true };
const of = (first: number, ...all: readonly AttemptResult[]): LogHead['batch'] => {
  let at = first;
  return all.map(({ token, ...rest }) => {
    const { count } = sealedIndexOf({ token, ...rest }, at);
    at += count;
    return { token, first: at - count, count };
  });
};

/** What the restored table knew: which results, and how far its seal was. */
interface Known {
  readonly head: LogHead;
  readonly results: readonly AttemptResult[];
  readonly open: readonly string[];
}

const KNOWN: Readonly<Record<string, Known>> = {
  nothing: { head: EMPTY, results: [], open: [] },
  'results that were sealed later': { head: EMPTY, results: [A, B], open: [a, b] },
  'a batch that was being written': {
    head: { version: 1, size: 3, batch: of(0, A, B), published: false },
    results: [A, B],
    open: [a, b],
  },
  'a batch that was written otherwise': {
    head: { version: 1, size: 2, batch: of(0, A), published: false },
    results: [A, B],
    open: [a, b],
  },
  'the first bundle': {
    head: { version: 2, size: 3, batch: of(0, A, B), published: true },
    results: [A, B],
    open: [a],
  },
};

interface Wrong {
  readonly alter?: (registry: Registry) => Registry;
  readonly adopted?: string | undefined;
}

/** Two seals on the restored table, a seal of the former one that still writes a bundle, and a result that is new. */
async function rebuilding(known: Known, { alter = (one) => one, ...more }: Wrong = {}): Promise<Model> {
  const w = world();
  const bucket = memoryLogBucket();
  const { functionTimeout, clockTolerance } = w.core.configuration.timing;
  const start = w.clock.now();
  const stopped = start + functionTimeout * 1000;
  const adopted = 'adopted' in more ? more.adopted : TABLE;
  const write = (index: number): void =>
    void bucket.putIfAbsent(
      bundleKey(FIRST[index] ?? 0),
      bundleBytes((BUNDLES[index] ?? []).flatMap(logLinesOf)),
    );
  write(0);
  write(1);
  for (const one of known.results) await w.registry.putResult(one);
  for (const token of known.open) await w.registry.putToBeSealed({ token, putAt: start, until: start });
  if (known.head.version === 2) {
    await w.registry.putSealed([sealedIndexOf(A, 0), sealedIndexOf(B, 2)]);
    await w.registry.putHead({ ...known.head, version: 1 });
  }
  if (known.head.version > 0) await w.registry.putHead(known.head);
  const walk = () => w.registry.allWalks().find(({ id }) => id === rebuildId(TABLE));
  const isOver = (): boolean => {
    const { since, done } = walk() ?? {};
    const ends = since === undefined ? Infinity : since + (functionTimeout + 2 * clockTolerance) * 1000;
    return done === true ? w.registry.allToBeSealed().length > 0 : w.clock.now() > ends;
  };
  const sealer = (name: string, when: { readonly repeats?: boolean; readonly after?: () => boolean }) => ({
    name,
    ...when,
    deaths: 1,
    run: (gate: Parameters<Model['processes'][number]['run']>[0]) =>
      seal({
        ...w.core,
        registry: alter(gate<Registry>(w.registry)),
        bucket: gate<LogBucket>(bucket),
        clock: gate.clock(w.clock),
        ...(adopted !== undefined && { adopted }),
      }),
  });
  return {
    deaths: 2,
    processes: [
      sealer('first seal', {}),
      sealer('seal 1', { repeats: true, after: isOver }),
      sealer('seal 2', { repeats: true, after: isOver }),
      {
        name: 'worker',
        async run(gate) {
          const registry = gate<Registry>(w.registry);
          await registry.putToBeSealed({ token: late, putAt: start, until: start + 1e12 });
          await registry.putResult(LATE);
        },
      },
    ],
    moves: [
      {
        name: 'a seal of the former table writes',
        times: 1,
        may: () => w.clock.now() <= stopped,
        make: () => write(2),
      },
      {
        name: 'time passes',
        // Each time before the end of the former functions counts; later ones only if somebody still has to wait.
        may: () => w.clock.now() <= stopped || (walk()?.done !== true && !isOver()),
        make: () => w.clock.advance(2 * functionTimeout * 1000),
      },
    ],
    state: () => [
      w.registry.allResults(),
      w.registry.allToBeSealed(),
      w.registry.allSealed(),
      w.registry.allLogged(),
      w.registry.allWalks(),
      bucket.allObjects().map(({ key }) => key),
      w.clock.now(),
    ],
    wrongAtEnd() {
      if (walk()?.done !== true) return 'the registry does not know the log again';
      const lines = bucket
        .allObjects()
        .flatMap(({ bytes }) => Buffer.from(bytes).toString('utf8').trim().split('\n'))
        .map((line) => JSON.parse(line) as Entry | ActionEntry);
      const tokens = new Set(lines.map(({ token }) => token));
      for (const one of [A, B, C, LATE])
        if (lines.filter(({ token }) => token === one.token).length !== logLinesOf(one).length)
          return `${one.token} is not in the log once`;
      const sealed = new Map(w.registry.allSealed().map((index) => [index.token, index]));
      if (sealed.size !== tokens.size) return 'the index does not name what is in the log';
      for (const { token, first, count } of sealed.values())
        if (lines.slice(first, first + count).some((line) => line.token !== token))
          return 'an index points at another entry';
      const kept = new Map(w.registry.allResults().map((one) => [one.token, one]));
      for (const token of tokens) {
        const one = kept.get(token);
        if (one === undefined || 'void' in one) return 'a result of the log is missing';
        if (canonicalJson(logLinesOf(one)) !== canonicalJson(lines.filter((line) => line.token === token)))
          return 'a result has other lines than the log';
      }
      if (w.registry.allToBeSealed().length > 0) return 'a note is left for ever';
      const logged = w.registry.allLogged().map((one) => `${one.holding} ${one.stage} ${one.outcome}`);
      // What the table knew to be sealed, its work records lead to.
      const forgotten = known.head.version === 2 ? [] : ['h-1 delete deleted', 'h-2 anonymise anonymised'];
      for (const stage of forgotten) if (!logged.includes(stage)) return `it is not noted that ${stage}`;
      return undefined;
    },
  };
}

describe('a restored table', () => {
  test.each(Object.entries(KNOWN))(
    'that knew %s knows the whole log again before anything is sealed, whatever dies',
    async (name, known) => {
      expectNothingWrong(
        name,
        await exploreSample(() => rebuilding(known), { schedules: 1500, enough: 100 }),
      );
    },
  );

  test('whose head moves without its version is caught', async () => {
    const alter = (registry: Registry): Registry => ({
      ...registry,
      putHead: async (next) => {
        while ((await registry.putHead(next)) === 'moved')
          next = { ...next, version: (await registry.head()).version + 1 };
        return 'written';
      },
    });
    expectCaught(
      'head',
      await exploreSample(() => rebuilding(KNOWN['nothing'] ?? never(), { alter }), {
        schedules: 1000,
        enough: 50,
      }),
      /other entries|once|points|index|missing|LOG_DAMAGED|damaged/,
    );
  });

  test('that is not known to be one forks the log: it is caught', async () => {
    const known = KNOWN['nothing'] ?? never();
    const found = await exploreSample(() => rebuilding(known, { adopted: undefined }), {
      schedules: 200,
      enough: 20,
    });
    expectCaught('not adopted', found, /has other entries/);
  });
});

test('nothing is sealed while a function of the former table may be running', async () => {
  const w = world();
  const core = { ...w.core, bucket: w.bucket, adopted: TABLE };
  await w.registry.putToBeSealed({ token: a, putAt: 0, until: 0 });
  await w.registry.putResult(A);
  await seal(core);
  expect(w.bucket.allObjects()).toEqual([]);
  const { functionTimeout, clockTolerance } = w.core.configuration.timing;
  w.clock.advance((functionTimeout + 2 * clockTolerance) * 1000);
  await seal(core);
  expect(w.bucket.allObjects()).toEqual([]);
  w.clock.advance(1);
  await seal(core);
  expect(w.bucket.allObjects()).toHaveLength(1);
});

test('a run that has no time left goes on where it was', async () => {
  const w = world();
  const core = { ...w.core, bucket: w.bucket, adopted: TABLE };
  for (const [index, first] of FIRST.entries())
    await w.bucket.putIfAbsent(bundleKey(first), bundleBytes((BUNDLES[index] ?? []).flatMap(logLinesOf)));
  const sizes: number[] = [];
  for (let run = 0; run < 3; run += 1) {
    let left = 2;
    await seal(core, () => (left -= 1) > 0);
    sizes.push((await w.registry.head()).size);
  }
  expect(sizes).toEqual([3, 4, 5]);
});

test.each([
  ['is no JSON', 'private text\n'],
  ['has a line without a token', '{"outcome":"deleted"}\n'],
])('an object of the log that %s stops everything, and is not quoted', async (_, text) => {
  const w = world();
  await w.bucket.putIfAbsent(bundleKey(0), Buffer.from(text));
  const failing = seal({ ...w.core, bucket: w.bucket, adopted: TABLE });
  await expect(failing).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
  await expect(failing).rejects.not.toThrow(/private/);
  expect((await w.registry.head()).size).toBe(0);
});

function never(): never {
  throw new Error('there is such a case');
}
