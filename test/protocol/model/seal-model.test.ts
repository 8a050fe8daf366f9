import { describe, expect, test } from 'vitest';
import { memoryLogBucket } from '../../../shared/adapters/memory/memory-log.ts';
import type { LogBucket } from '../../../shared/ports/log.ts';
import type { LogRef } from '../../../shared/domain/record/ids.ts';
import type { Entry } from '../../../shared/domain/record/entry.ts';
import type { AttemptResult } from '../../../shared/domain/record/work.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { bundleBytes, bundleKey } from '../../../shared/protocol/log/bundle.ts';
import { seal } from '../../../shared/protocol/log/seal.ts';
import { expectCaught, expectNothingWrong } from '../../support/model/expect-explored.ts';
import { exploreSample } from '../../support/model/explore.ts';
import type { Model } from '../../support/model/model.ts';
import { world } from '../../support/driver/world.ts';

function entry(token: string): Entry {
  return {
    v: 2,
    token,
    holding: `h-${token}` as LogRef,
    generation: 1,
    stage: 'delete',
    categories: ['notes'],
    store: 'notes',
    outcome: 'deleted',
    subjects: [],
    policy: 'p',
    policyVersion: '1',
    rule: 'r',
    facts: [],
    leased: '2026-03-01T10:00:00.000Z',
    software: 's',
    tzdata: 't',
  };
}

function result(token: string): AttemptResult {
  return { token, store: 'notes', entries: [entry(token)], lines: [] };
}

interface Wrong {
  readonly alter?: (registry: Registry) => Registry;
}

/** Two seals, workers that put their results late or not at all, and one that retries its put after the seal. */
async function sealModel({ alter = (registry) => registry }: Wrong = {}): Promise<Model> {
  const w = world();
  const bucket = memoryLogBucket();
  const tokens = ['2026-03-01T10.a', '2026-03-01T10.b', '2026-03-01T10.c'];
  const until = w.clock.now() + 600_000;
  const put = new Set<string>();
  const sealer = (name: string) => ({
    name,
    repeats: true,
    deaths: 1,
    after: () =>
      w.registry.allToBeSealed().some(({ token }) => put.has(token) || w.clock.now() > until + 1_000_000),
    run: (gate: Parameters<Model['processes'][number]['run']>[0]) =>
      seal({
        ...w.core,
        registry: alter(gate<Registry>(w.registry)),
        bucket: gate<LogBucket>(bucket),
        clock: gate.clock(w.clock),
      }),
  });
  return {
    deaths: 2,
    processes: [
      ...tokens.map((token) => ({
        name: token.slice(-1),
        deaths: 1,
        afterDeath: 'gone' as const,
        async run(gate: Parameters<Model['processes'][number]['run']>[0]) {
          const registry = gate<Registry>(w.registry);
          await registry.putToBeSealed({ token, putAt: w.clock.now(), until });
          const answer = await registry.putResult(result(token));
          if (answer !== 'void') put.add(token);
        },
      })),
      sealer('seal 1'),
      sealer('seal 2'),
      {
        // A retry of the note that lands after everything.
        name: 'late note',
        after: () => put.has(tokens[0] ?? ''),
        run: (gate) => gate<Registry>(w.registry).putToBeSealed({ token: tokens[0] ?? '', putAt: 0, until }),
      },
    ],
    moves: [{ name: 'hours pass', times: 1, may: () => true, make: () => w.clock.advance(4_000_000) }],
    state: () => [
      w.registry.allResults(),
      w.registry.allToBeSealed(),
      w.registry.allSealed(),
      bucket.allObjects().map(({ key }) => key),
      w.clock.now(),
      [...put],
    ],
    wrongAtEnd() {
      const lines = bucket
        .allObjects()
        .flatMap(({ bytes }) => Buffer.from(bytes).toString('utf8').trim().split('\n'))
        .map((line) => JSON.parse(line) as Entry);
      const inLog = lines.map(({ token }) => token);
      if (new Set(inLog).size < inLog.length) return 'an entry is in the log twice';
      for (const token of put) if (!inLog.includes(token)) return 'an entry is missing in the log';
      if (inLog.some((token) => !put.has(token))) return 'the log has an entry of a void result';
      for (const { token, first } of w.registry.allSealed())
        if (lines[first]?.token !== token) return 'an index points at another entry';
      if (w.registry.allToBeSealed().some(({ token }) => put.has(token))) return 'a note is left for ever';
      return undefined;
    },
  };
}

describe('two seals', () => {
  test('put every result into the log once, in one order, whatever dies', async () => {
    expectNothingWrong('seal', await exploreSample(() => sealModel(), { schedules: 2000, enough: 100 }));
  });
  test('an order that is not made durable first is caught', async () => {
    const alter = (registry: Registry): Registry => ({
      ...registry,
      putHead: async (next) => {
        await registry.putHead(next);
        return 'written';
      },
    });
    expectCaught(
      'head',
      await exploreSample(() => sealModel({ alter }), { schedules: 1000, enough: 50 }),
      /twice|points|missing|has other entries/,
    );
  });
  test('a note that is taken for a new result is caught', async () => {
    const alter = (registry: Registry): Registry => ({ ...registry, sealed: async () => new Map() });
    expectCaught(
      'index',
      await exploreSample(() => sealModel({ alter }), { schedules: 1000, enough: 50 }),
      /twice/,
    );
  });
});

test('a seal that finds a head without its objects writes them', async () => {
  const w = world();
  const token = '2026-03-01T10.a';
  await w.registry.putToBeSealed({ token, putAt: 0, until: 0 });
  await w.registry.putResult(result(token));
  await w.registry.putHead({ version: 1, size: 1, batch: [{ token, first: 0, count: 1 }], published: false });
  await seal({ ...w.core, bucket: w.bucket });
  expect(w.bucket.allObjects()).toHaveLength(1);
  expect(w.registry.allToBeSealed()).toEqual([]);
});

describe('an object that is there already', () => {
  const token = '2026-03-01T10.a';
  async function waiting() {
    const w = world();
    await w.registry.putToBeSealed({ token, putAt: 0, until: 0 });
    await w.registry.putResult(result(token));
    return w;
  }

  test('from an earlier try has the same bytes: the seal goes on', async () => {
    const w = await waiting();
    await w.bucket.putIfAbsent(bundleKey(0), bundleBytes([entry(token)]));
    await seal({ ...w.core, bucket: w.bucket });
    expect(w.registry.allSealed()).toMatchObject([{ token, first: 0, count: 1 }]);
    expect(w.registry.allToBeSealed()).toEqual([]);
  });

  test.each([
    ['other entries', bundleBytes([entry('2026-03-01T09.other')])],
    ['more entries', bundleBytes([entry(token), entry('2026-03-01T11.b')])],
  ])('with %s stops the seal, in each of its runs, and nothing is replaced', async (_, there) => {
    const w = await waiting();
    await w.bucket.putIfAbsent(bundleKey(0), there);
    for (let run = 0; run < 3; run += 1)
      await expect(seal({ ...w.core, bucket: w.bucket })).rejects.toMatchObject({ code: 'LOG_FORKED' });
    expect(w.bucket.allObjects().map(({ bytes }) => Buffer.from(bytes).equals(there))).toEqual([true]);
    expect(w.registry.allSealed()).toEqual([]);
    expect(w.registry.allToBeSealed()).toHaveLength(1);
  });
});
