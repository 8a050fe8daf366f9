import { describe, it, vi } from 'vitest';
import type { MemoryLogBucket, MemoryLogIndex } from '../../../shared/adapters/memory/memory-log.ts';
import { linesOf } from '../../../shared/domain/plan/chunk-lines.ts';
import type { ChunkIndex, LogBucket, LogHead, LogIndex } from '../../../shared/ports/log.ts';
import { objectKey } from '../../../shared/protocol/chunk-key.ts';
import type { Finished } from '../../../shared/protocol/lane-core.ts';
import { register } from '../../../shared/protocol/register.ts';
import { seal } from '../../../shared/protocol/seal.ts';
import { writeEntries } from '../../../shared/protocol/write-entries.ts';
import { altered } from '../../support/altered.ts';
import { expectCaught, expectNothingWrong } from '../../support/model/expect-explored.ts';
import { exploreAll, exploreSample, type Build } from '../../support/model/explore.ts';
import type { ProcessPlan } from '../../support/model/model.ts';
import { describeCall, world, type World } from '../../support/driver/world.ts';
import {
  overwrittenIndex,
  voidingBucket,
  takesForOwn,
  takesForForeign,
  marksOnly,
  objectFirst,
  pendingFirst,
  HOUR,
  nextAtOnce,
  type Log,
} from '../../support/driver/faulty-logs.ts';

vi.setConfig({ testTimeout: 300_000 });

/**
 * Writers put a chunk's index item and then its object; a put may lose its answer or take effect late, and the client
 * tries again. Two sealers give chunks their places, and void what is old; either may be slow, one may die. In the end
 * the log has no gap and contains every entry once, and no holding has an outcome without a sealed entry.
 */
interface How {
  readonly writers: readonly string[];
  /** Of writer `a`. */
  readonly latePuts: number;
  /** Of writer `a` and sealer 1 together. */
  readonly deaths: number;
  readonly sealers: number;
  /** How often a lease passes: then chunks without an object are voided. */
  readonly leases: number;
  readonly bucket: (it: World) => MemoryLogBucket;
  readonly index: (it: World) => MemoryLogIndex;
  readonly writing: (log: Log) => Log;
  readonly sealing: (log: Log) => Log;
}
const OPTIONS = {};

function model(changes: Partial<How> = {}): Build {
  const how: How = {
    writers: ['a'],
    latePuts: 1,
    deaths: 1,
    sealers: 2,
    leases: 1,
    bucket: (it) => it.bucket,
    index: (it) => it.index,
    writing: (log) => log,
    sealing: (log) => log,
    ...changes,
  };
  return async () => {
    const it = world(OPTIONS);
    const bucket = how.bucket(it);
    let head: LogHead = { version: 0, size: 0, batch: [], published: true };
    const index = altered(how.index(it), (inner) => ({
      async putHead(next) {
        const answer = await inner.putHead(next);
        if (answer === 'written') head = next;
        return answer;
      },
    }));
    const outcomes: Record<string, string> = {};
    const attempts = new Map<string, Finished>();
    for (const name of how.writers) attempts.set(name, await finished(it, name));
    const hasWork = (): boolean => {
      const objects = new Set(bucket.allObjects().map(({ key }) => key));
      const { lease, clockTolerance } = it.configuration.timing;
      const old = it.clock.now() - (lease + 2 * clockTolerance) * 1000;
      const inHead = new Set(head.batch.map(({ chunk }) => chunk));
      const waits = ({ chunk, state, putAt }: ChunkIndex): boolean =>
        state === 'pending' && !inHead.has(chunk) && (objects.has(objectKey(chunk)) || putAt < old);
      return !head.published || index.allChunks().some(waits);
    };
    const writer = (name: string): ProcessPlan => ({
      name,
      deaths: name === 'a' ? 1 : 0,
      afterDeath: 'gone',
      latePuts: name === 'a' ? how.latePuts : 0,
      async run(gate) {
        const log = how.writing({
          bucket: gate<LogBucket>(bucket, { late: ['putIfAbsent'], describe: describeCall }),
          index: gate<LogIndex>(index, { late: ['putPending'], describe: describeCall }),
        });
        const attempt = attempts.get(name);
        if (attempt === undefined) throw new Error(`nothing was prepared for ${name}`);
        const { token, claimedAt } = attempt.attempt.holding.claim;
        const core = { ...it.core, ...log, clock: gate.clock(it.clock) };
        const [written] = await writeEntries(core, token, claimedAt, [attempt]);
        if (written?.place !== undefined) outcomes[name] = written.place.chunk;
      },
    });
    const sealer = (number: number): ProcessPlan => ({
      name: `sealer ${number}`,
      deaths: number === 1 ? 1 : 0,
      repeats: true,
      after: hasWork,
      async run(gate) {
        const log = how.sealing({
          bucket: gate<LogBucket>(bucket, { describe: describeCall }),
          index: gate<LogIndex>(index, { describe: describeCall }),
        });
        await seal({ ...it.core, ...log, clock: gate.clock(it.clock) }, { kind: 'seal', hour: HOUR });
      },
    });
    return {
      deaths: how.deaths,
      processes: [
        ...how.writers.map(writer),
        ...Array.from({ length: how.sealers }, (_, number) => sealer(number + 1)),
      ],
      moves: [
        {
          name: 'a lease passes',
          times: how.leases,
          may: () => index.allChunks().some(({ state }) => state === 'pending'),
          make: () => it.clock.advance(3_600_000),
        },
      ],
      state: () => [it.clock.now(), textsOf(bucket), index.allChunks(), head, outcomes],
      wrongAtEnd: () => wrongIn(textsOf(bucket), index.allChunks(), head, outcomes),
    };
  };
}

/** An attempt that has finished, and of which only the result has to be written. */
async function finished(it: World, name: string): Promise<Finished> {
  await register(it.core, await it.registration(name, [it.entity('contract', name)]));
  const holding = it.holding(name);
  if (holding === undefined) throw new Error('the registration left no holding');
  const at = it.clock.now();
  const claim = {
    token: name,
    leaseUntil: at + 600_000,
    stage: 'delete',
    attempt: 1,
    claimedAt: at,
  } as const;
  const claimed = { ...holding, state: 'claimed', version: holding.version + 1 } as const;
  const attempted = { ...claimed, claim: { ...claim, version: claimed.version } };
  await it.registry.putHolding(attempted);
  return {
    attempt: { holding: attempted, locator: [name], interrupted: [] },
    result: { kind: 'success', outcome: 'deleted', actedAt: at, readBackAt: at },
  };
}

function textsOf(bucket: MemoryLogBucket): readonly (readonly [string, string])[] {
  return bucket.allObjects().map(({ key, bytes }) => [key, Buffer.from(bytes).toString()]);
}

function wrongIn(
  objects: readonly (readonly [string, string])[],
  chunks: readonly ChunkIndex[],
  head: LogHead,
  outcomes: Readonly<Record<string, string>>,
): string | undefined {
  if (!head.published) return 'not published';
  const linesAt = new Map(objects.map(([key, text]) => [key, linesOf(Buffer.from(text))]));
  const sealed = chunks
    .filter(({ state }) => state === 'sealed')
    .toSorted((a, b) => (a.first ?? 0) - (b.first ?? 0));
  const log: string[] = [];
  for (const { chunk, first } of sealed) {
    if (first !== log.length) return `a gap: ${chunk} is at ${first}, after ${log.length} entries`;
    log.push(...(linesAt.get(objectKey(chunk)) ?? []));
  }
  if (log.length !== head.size) return `the head says ${head.size} entries, the chunks say ${log.length}`;
  if (new Set(log).size !== log.length) return 'an entry sealed twice';
  for (const chunk of Object.values(outcomes)) {
    const written = linesAt.get(objectKey(chunk)) ?? [];
    if (written.length === 0 || !sealed.some((one) => one.chunk === chunk))
      return 'an outcome without a sealed entry';
  }
  const unsealed = objects.some(
    ([key, text]) => text !== '' && !sealed.some(({ chunk }) => objectKey(chunk) === key),
  );
  return unsealed ? 'an object that is never sealed' : undefined;
}

const ONE_SEALER: Partial<How> = { sealers: 1 };
const TWO_WRITERS: Partial<How> = { writers: ['a', 'b'], latePuts: 0, deaths: 0, leases: 0 };

describe('sealing with a bounded head, and voiding', () => {
  it.each<[string, Partial<How>]>([
    ['one sealer, any late put, death and lease that ends', ONE_SEALER],
    ['two sealers, any death and lease that ends', { latePuts: 0 }],
    ['two sealers, any late put', { deaths: 0, leases: 0 }],
  ])('holds every entry once, in every interleaving: %s', async (name, how) => {
    expectNothingWrong(`seal model, ${name}`, await exploreAll(model(how)));
  });

  it.each<[string, Partial<How>]>([
    ['two writers and two sealers', TWO_WRITERS],
    ['all of it at once', { writers: ['a', 'b'], deaths: 2, leases: 2 }],
  ])('holds every entry once, in a sample of 10,000: %s', async (name, how) => {
    expectNothingWrong(`seal model, ${name}`, await exploreSample(model(how)));
  });

  it.each<[string, Partial<How>, RegExp]>([
    ['a retry of the index item that overwrites', { index: overwrittenIndex }, /the head says/],
    ['taking 412 for success always', { writing: takesForOwn }, /outcome without a sealed entry/],
    ['taking 412 for a voiding always', { writing: takesForForeign }, /sealed twice/],
    ['voiding that only marks the index item', { sealing: marksOnly }, /outcome without a sealed entry/],
    [
      'an empty object put without a condition',
      { bucket: voidingBucket },
      /outcome without a sealed entry|a gap/,
    ],
    ['the object before its index item', { writing: objectFirst }, /never sealed/],
    [
      'pending items before the head',
      { ...TWO_WRITERS, sealing: pendingFirst },
      /settled differently|a gap|twice/i,
    ],
    [
      'the next batch before this one is settled',
      { ...TWO_WRITERS, sealing: nextAtOnce },
      /settled differently|a gap|the head says|twice/,
    ],
  ])('%s is caught', async (name, how, what) => {
    expectCaught(`seal model, ${name}`, await exploreSample(model(how), { enough: 100 }), what);
  });
});
