import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LaneGuard } from '../../../shared/domain/guard/lane-guard.ts';
import { datasetRef } from '../../../shared/domain/datasets/dataset-ref.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import type { Chunk } from '../../../shared/domain/record/work.ts';
import { aHoldingRef, at, walk } from '../../support/samples.ts';
import { registryKinds } from './registry-kinds.ts';
import { aChunk, anActedOn, aWorkRecord } from './registry-samples.ts';

const HOUR = at('2029-03-01T10:00:00Z');
const hundred = Array.from({ length: 100 }, (_, n) => aHoldingRef(n));
const full = (id: string): Chunk =>
  aChunk(id, {
    refs: hundred,
    deadline: at('2029-03-04T00:00:00Z'),
    notBefore: at('2029-03-01T11:00:00Z'),
    attempts: 2,
    failures: 3,
    failure: {
      code: 'STORE_UNREACHABLE',
      at: at('2029-03-01T10:30:00Z'),
      told: ['STORE_UNREACHABLE', 'STORE_DENIED'],
    },
    uncertain: [
      anActedOn(7),
      anActedOn(3),
      anActedOn(9, { stage: 'anonymise', version: 8 }),
      anActedOn(9, { stage: 'anonymise', part: 'purpose:marketing', version: 8 }),
      anActedOn(11, { stage: 'lift' }),
      anActedOn(12, { records: 'c2VhbGVk' }),
      anActedOn(13, {
        asked: { number: 1, round: 0, at: at('2029-03-01T09:00:00Z'), since: at('2029-03-01T09:00:00Z') },
      }),
      anActedOn(14, {
        asked: {
          number: 3,
          round: 7,
          failures: 2,
          at: at('2029-03-01T09:00:00Z'),
          since: at('2029-02-01T09:00:00Z'),
          accepted: true,
          follow: 'c2VhbGVk',
          looks: 2,
          next: at('2029-03-01T10:00:00Z'),
          confirmed: at('2029-03-01T09:30:00Z'),
        },
      }),
      // One that the chunk itself does not name any more.
      anActedOn('elsewhere', { generation: 2 }),
    ],
    progress: {
      [aHoldingRef(12)]: {
        of: 'd1gest',
        after: 'c2VhbGVk',
        lookedAt: at('2029-03-01T09:00:00Z'),
        version: 7,
        clean: false,
        records: 2000,
        kept: 1,
        code: 'STORE_TIMEOUT',
        until: at('2029-04-01T00:00:00Z'),
        again: true,
        notBefore: at('2029-03-01T10:00:00Z'),
        goneBy: {
          held: 3,
          early: 20,
          undated: 0,
          failed: 1,
          waits: [
            { code: 'RULE_STOPPED', records: 70, until: at('2029-03-01T16:00:00Z'), rule: 'k3y' },
            { code: 'DRY_RUN', records: 7, until: at('2029-03-02T10:00:00Z') },
          ],
        },
      },
      [aHoldingRef(13)]: {
        of: 'd1gest',
        lookedAt: at('2029-03-01T09:00:00Z'),
        version: 1,
        clean: true,
        records: 0,
        kept: 0,
      },
    },
    dataset: 'access-logs',
    since: at('2029-03-01T08:00:00Z'),
    waits: [
      { code: 'QUIET_HOURS', count: 7 },
      { code: 'HOURLY_CAP', count: 1 },
      { code: 'RULE_STOPPED', count: 3, rule: 'k' },
    ],
    fencedFor: '2029-03-01T09.token',
  });

describe.each(registryKinds)('chunks and work records in $name', (kind) => {
  let registry: Registry;
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  beforeEach(async () => {
    registry = await kind.fresh();
  });

  test('a chunk is read as it was put, whatever it carries', async () => {
    await registry.putChunks([full('a'), aChunk('b')]);
    const read = await registry.chunk(full('a'));
    expect({ ...read, uncertain: [] }).toEqual({ ...full('a'), uncertain: [] });
    expect(new Set(read?.uncertain)).toEqual(new Set(full('a').uncertain));
    expect(await registry.chunk(aChunk('b'))).toEqual(aChunk('b'));
    expect(await registry.chunk(aChunk('c'))).toBeUndefined();
  });

  test('a chunk and its work record name a dataset as they name holdings', async () => {
    const refs = ['access-logs', 'messages', 'uploads'].map((category) => datasetRef('crm', category));
    await registry.putChunks([aChunk('a', { refs })]);
    expect((await registry.chunk(aChunk('a')))?.refs).toEqual(refs);
    const work = aWorkRecord(aChunk('a'), '2029-03-01T10.one', { refs });
    expect(await registry.putWork(work)).toBe('written');
    expect((await registry.workRecords('crm'))[0]?.refs).toEqual(refs);
  });

  test('chunks are put if absent, each for itself', async () => {
    await registry.putChunks([aChunk('b')]);
    const many = Array.from({ length: 40 }, (_, n) => aChunk(`a${String(n).padStart(2, '0')}`));
    await registry.putChunks([aChunk('b', { version: 5, refs: [] }), ...many]);
    expect(await registry.chunk(aChunk('b'))).toEqual(aChunk('b'));
    expect(await walk((after) => registry.chunks('crm', after))).toEqual([...many, aChunk('b')]);
    await registry.putChunks([]);
  });

  test('a chunk is written and deleted on the version that is stored and on no other', async () => {
    const first = aChunk('a');
    const next = { ...full('a'), version: first.version + 1, uncertain: [] };
    expect(await registry.writeChunk(next)).toBe('moved');
    expect(await registry.deleteChunk(first)).toBe('moved');
    await registry.putChunks([first]);
    expect(await registry.writeChunk({ ...first, version: first.version + 2 })).toBe('moved');
    expect(await registry.writeChunk(next)).toBe('written');
    expect(await registry.writeChunk(next)).toBe('moved');
    expect(await registry.deleteChunk(first)).toBe('moved');
    expect(await registry.chunk(first)).toEqual(next);
    expect(await registry.deleteChunk(next)).toBe('deleted');
    expect(await registry.deleteChunk(next)).toBe('moved');
    expect(await registry.chunk(first)).toBeUndefined();
  });

  test('a lane’s chunks come by producer and then by minute, at most 100 a page', async () => {
    const minute = aChunk('x').minute;
    const chunks = Array.from({ length: 130 }, (_, n) =>
      aChunk(`id-${n}`, { producer: n % 2 === 0 ? 'b#1' : 'a', minute: minute + n * 60_000 }),
    );
    await registry.putChunks([...chunks, aChunk('other', { lane: 'crm-2' })]);
    const expected = [
      ...chunks.filter(({ producer }) => producer === 'a'),
      ...chunks.filter(({ producer }) => producer === 'b#1'),
    ];
    expect(await walk((after) => registry.chunks('crm', after))).toEqual(expected);
    expect((await registry.chunks('crm')).items).toHaveLength(100);
    expect(await registry.chunks('nowhere')).toEqual({ items: [] });
  });

  test('what a worker has to know is read together', async () => {
    expect(await registry.begin(aChunk('a'))).toEqual({});
    const work = aWorkRecord(aChunk('a'), '2029-03-01T10.one');
    await registry.putChunks([aChunk('a')]);
    await registry.putWork(work);
    await registry.putHeartbeat(HOUR);
    expect(await registry.begin(aChunk('a'))).toEqual({ chunk: aChunk('a'), work, heartbeat: HOUR });
    expect(await registry.begin(aChunk('b'))).toEqual({ heartbeat: HOUR });
    await registry.noteBehind(aChunk('b').producer, { now: HOUR, until: HOUR + 1 });
    await registry.noteBehind('another', { now: HOUR, until: HOUR + 2 });
    const behind = new Map([
      [aChunk('b').producer, HOUR + 1],
      ['another', HOUR + 2],
    ]);
    expect(await registry.begin(aChunk('b'))).toEqual({ heartbeat: HOUR, behind });
    expect(await registry.begin(aChunk('a', { lane: 'shop' }))).toEqual({ heartbeat: HOUR, behind });
  });

  test('a work record is put where none is, or in the place of the one that it names', async () => {
    const [one, two] = [aWorkRecord(aChunk('a'), 't.1'), aWorkRecord(aChunk('a'), 't.2')];
    expect(await registry.putWork(two, 't.1')).toBe('taken');
    expect(await registry.putWork(one)).toBe('written');
    expect(await registry.putWork(two)).toBe('taken');
    expect(await registry.putWork(two, 't.0')).toBe('taken');
    expect(await registry.workRecords('crm')).toEqual([one]);
    expect(await registry.putWork(two, 't.1')).toBe('written');
    expect(await registry.workRecords('crm')).toEqual([two]);
  });

  test('of many that take one chunk exactly one gets it', async () => {
    const all = Array.from({ length: 8 }, (_, n) => aWorkRecord(aChunk('a'), `t.${n}`));
    const answers = await Promise.all(all.map((work) => registry.putWork(work)));
    expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
    expect(await registry.workRecords('crm')).toEqual([all[answers.indexOf('written')]]);
  });

  test('what is acted on is written on the own token only', async () => {
    const chunk = aChunk('a', { refs: hundred });
    const work = aWorkRecord(chunk, 't.1');
    const actedOn = hundred.map((_, n) => anActedOn(n, { version: 3 + (n % 2) }));
    expect(await registry.actOn(work, actedOn)).toBe('lost');
    await registry.putWork(work);
    expect(await registry.actOn(work, actedOn)).toBe('written');
    expect(await registry.actOn({ ...work, token: 't.2' }, [])).toBe('lost');
    const [read] = await registry.workRecords('crm');
    expect({ ...read, actedOn: [] }).toEqual({ ...work, actedOn: [] });
    expect(new Set(read?.actedOn)).toEqual(new Set(actedOn));
  });

  test('a work record is deleted on its token only', async () => {
    const work = aWorkRecord(aChunk('a'), 't.1');
    await registry.putWork(work);
    expect(await registry.deleteWork({ ...work, token: 't.2' })).toBe('lost');
    expect(await registry.deleteWork(work)).toBe('deleted');
    expect(await registry.deleteWork(work)).toBe('lost');
    expect(await registry.workRecords('crm')).toEqual([]);
  });

  test('every work record of a lane is listed, and none of another', async () => {
    const all = Array.from({ length: 120 }, (_, n) =>
      aWorkRecord(aChunk(`id-${String(n).padStart(3, '0')}`, { refs: hundred }), `t.${n}`),
    );
    for (const work of all) await registry.putWork(work);
    await registry.putWork(aWorkRecord(aChunk('a', { lane: 'shop' }), 't.1'));
    expect(await registry.workRecords('crm')).toEqual(all);
    expect(await registry.workRecords('shop')).toHaveLength(1);
    expect(await registry.workRecords('nowhere')).toEqual([]);
  });

  test('what a lane has taken is written on its version, and lies apart from other lanes', async () => {
    expect(await registry.laneGuard('crm')).toBeUndefined();
    const guard: LaneGuard = {
      version: 1,
      by: 't.1',
      pace: {
        at: HOUR,
        usual: { 'delete/100': 80 },
        slow: { level: 2, changed: HOUR, until: HOUR + 30_000, by: 't', left: 12 },
      },
      hour: { at: HOUR, count: 120 },
      minute: { at: HOUR + 60_000, count: 3 },
      rules: {
        a: {
          day: { at: HOUR, count: 4 },
          approved: { until: HOUR + 1, count: 2 },
          canary: { verified: 3, trials: 1, trial: { token: 't.9', until: HOUR, records: 7 } },
        },
        c: { day: { at: HOUR, count: 0 }, canary: { verified: 10, trials: 0 } },
        b: {
          day: { at: HOUR, count: 9 },
          stop: { policy: 'crm', rule: 'never', at: HOUR, because: 'SHARE', taken: 9, most: 9 },
        },
      },
      holdings: { census: 'census/2026-03-01', count: 120 },
      surveyed: 90_000,
      dryRun: {
        day: '2026-03-01',
        counts: [{ policy: 'crm', rule: 'never', action: 'delete', records: 4 }],
      },
    };
    expect(await registry.writeLaneGuard('crm', { ...guard, version: 2 })).toBe('moved');
    expect(await registry.writeLaneGuard('crm', guard)).toBe('written');
    expect(await registry.laneGuard('crm')).toEqual(guard);
    expect(await registry.writeLaneGuard('crm', { version: 1, by: 't.2' })).toBe('moved');
    expect(await registry.writeLaneGuard('crm', { version: 2, by: 't.2' })).toBe('written');
    expect(await registry.writeLaneGuard('crm', { ...guard, version: 2 })).toBe('moved');
    expect(await registry.laneGuard('crm')).toEqual({ version: 2, by: 't.2' });
    expect(await registry.laneGuard('shop')).toBeUndefined();
    const written = await Promise.all(
      Array.from({ length: 10 }, (_, n) => registry.writeLaneGuard('crm', { version: 3, by: `t.${n}` })),
    );
    expect(written.filter((each) => each === 'written')).toHaveLength(1);
  });
});
