import fc from 'fast-check';
import { expect, test } from 'vitest';
import { soleWriter } from '../../../local/sole-writer.ts';
import { memoryLogIndex } from '../../../shared/adapters/memory/memory-log.ts';
import { memoryRegistry } from '../../../shared/adapters/memory/memory-registry.ts';
import { hourId, hourOf } from '../../../shared/domain/calendar/utc-time.ts';
import { SHARDS, shardOf } from '../../../shared/domain/record/shard.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import { aHolding, aHoldingRef } from '../../support/samples.ts';

const START = Date.parse('2026-03-01T00:00:00Z');
const HOUR = 3_600_000;
const HOURS = 6;

const hour = fc.integer({ min: 0, max: HOURS - 1 });
const step = fc.oneof(
  fc.record({ kind: fc.constant('hint' as const), hour, name: fc.integer({ min: 0, max: 8 }) }),
  fc.record({ kind: fc.constant('watermark' as const), hour }),
  fc.record({ kind: fc.constant('flight' as const), hour, token: fc.constantFrom('a', 'b') }),
  fc.record({ kind: fc.constant('landed' as const), token: fc.constantFrom('a', 'b') }),
  fc.record({ kind: fc.constant('chunk' as const), hour, token: fc.constantFrom('a', 'b') }),
  fc.record({ kind: fc.constant('sealed' as const), hour, token: fc.constantFrom('a', 'b') }),
  fc.record({ kind: fc.constant('head' as const), by: fc.constantFrom(1, 2) }),
);

test('whatever is written, every read answers as the table itself does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const [table, log] = [memoryRegistry(), memoryLogIndex()];
      const { registry, index } = soleWriter(table, log);
      const chunks = new Set<string>();
      for (const one of steps) {
        const at = START + ('hour' in one ? one.hour * HOUR : 0);
        switch (one.kind) {
          case 'hint':
            await registry.putHint({ minute: at + 60_000, holding: aHoldingRef(one.name) });
            break;
          case 'watermark':
            await registry.moveWatermark(await registry.watermark(), at);
            break;
          case 'flight':
            await registry.putInFlight({ lane: 'lane', token: one.token, holdings: [], until: at });
            break;
          case 'landed':
            await registry.deleteInFlight('lane', one.token);
            break;
          case 'chunk': {
            const chunk = `${hourId(at)}/${one.token}/0`;
            if (!chunks.has(chunk))
              await index.putPending({
                chunk,
                state: 'pending',
                putAt: at,
                store: 's',
                rules: [],
                counts: {},
              });
            chunks.add(chunk);
            break;
          }
          case 'sealed': {
            const chunk = `${hourId(at)}/${one.token}/0`;
            if (chunks.has(chunk)) await index.settle(chunk, { state: 'sealed', first: 7 });
            break;
          }
          case 'head': {
            const head = await index.head();
            await index.putHead({ ...head, version: head.version + one.by });
          }
        }
      }
      for (let at = START; at < START + HOURS * HOUR; at += HOUR) {
        for (let shard = 0; shard < SHARDS; shard += 1) {
          expect(await registry.hints(at, shard)).toEqual(await table.hints(at, shard));
        }
        expect(await index.pending(hourId(at))).toEqual(await log.pending(hourId(at)));
        expect(await index.ofHour(hourId(at))).toEqual(await log.ofHour(hourId(at)));
      }
      expect(await index.ofDay('2026-03-01')).toEqual(await log.ofDay('2026-03-01'));
      expect(await index.head()).toEqual(await log.head());
      expect(await registry.inFlight('lane')).toEqual(await table.inFlight('lane'));
    }),
    { numRuns: 100 },
  );
});

test('a head that somebody else has written is read again after a write is refused', async () => {
  const log = memoryLogIndex();
  const { index } = soleWriter(memoryRegistry(), log);
  const head = await index.head();
  await log.putHead({ ...head, version: 1, size: 5 });
  expect(await index.putHead({ ...head, version: 1 })).toBe('moved');
  expect((await index.head()).size).toBe(5);
});

test('the oldest open hour is that of the first hint, in-flight record or chunk that is not settled', async () => {
  const { registry, index, oldestOpenHour } = soleWriter(memoryRegistry(), memoryLogIndex());
  const day = (days: number): Instant => START + days * 24 * HOUR;
  expect(oldestOpenHour()).toBeUndefined();
  await registry.putHint({ minute: day(9) + 60_000, holding: aHoldingRef('a') });
  expect(oldestOpenHour()).toBe(day(9));
  await registry.putInFlight({ lane: 'lane', token: 'a', holdings: [], until: day(5) + 1000 });
  expect(oldestOpenHour()).toBe(day(5));
  const chunk = `${hourId(day(2))}/a/0`;
  await index.putPending({ chunk, state: 'pending', putAt: day(2), store: 's', rules: [], counts: {} });
  expect(oldestOpenHour()).toBe(day(2));
  await index.settle(chunk, { state: 'void' });
  await registry.deleteInFlight('lane', 'a');
  expect(oldestOpenHour()).toBe(day(9));
  await registry.moveWatermark(undefined, hourOf(day(9)) + HOUR);
  expect(oldestOpenHour()).toBeUndefined();
  // The weekly proof finds a hint before the watermark, which would be a mistake of the protocol: no sweep looks there.
  expect(shardOf(aHoldingRef('a'))).toBeLessThan(SHARDS);
});

test('it tells once that a holding was written', async () => {
  const { registry, wroteSince } = soleWriter(memoryRegistry(), memoryLogIndex());
  expect(wroteSince()).toBe(false);
  await registry.putHolding(aHolding('a'));
  expect(wroteSince()).toBe(true);
  expect(wroteSince()).toBe(false);
});
