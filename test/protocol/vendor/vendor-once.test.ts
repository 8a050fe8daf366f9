import { describe, expect, test } from 'vitest';
import type { LogRef } from '../../../shared/domain/record/ids.ts';
import { handleOf } from '../../../shared/domain/record/notice.ts';
import { confirmAsked } from '../../../shared/protocol/vendor/confirm-asked.ts';
import { HttpOptions } from '../../../shared/stores/http/http-options.ts';
import { http } from '../../../shared/stores/http/http.ts';
import { aboutToBeDue, DELETING, type Play } from '../../support/driver/disposal-play.ts';
import type { Driver } from '../../support/driver/driver.ts';
import { counting, killAt } from '../../support/driver/kill-points.ts';
import { replayed } from '../../support/driver/replay-play.ts';
import { entriesIn } from '../../support/driver/violations.ts';
import { memoryVendor, type MemoryVendor, type VendorOptions } from '../../support/vendor/memory-vendor.ts';
import { vendorViolations } from '../../support/vendor/vendor-violations.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** How long the vendor takes. */
const TAKES = 20 * HOUR;
const outcomes = (d: Driver) => entriesIn(d).map(({ entry: { stage, outcome } }) => `${stage} ${outcome}`);
const RESTRICTING: Play = {
  restricts: true,
  rules: { notes: ['restrict 1 day after contract.ended', 'delete 3 years after contract.ended'] },
};

async function noticing(notice: readonly string[], play: Play = DELETING): Promise<Driver> {
  const store = await http.open(HttpOptions.parse({ notice }), {
    region: 'eu-central-1',
    keys: [{ name: 'id', type: 'text' }],
    timeoutSeconds: 5,
    pseudonymKey: async () => new Uint8Array(),
  });
  return aboutToBeDue({ ...play, store: { kind: 'http', options: { notice } }, vendor: () => store });
}

const noticesIn = (d: Driver) =>
  d.told.map((one) => JSON.parse(one)).filter(({ type }) => type === 'retention.vendor.notice');

async function asking(options: VendorOptions): Promise<{ d: Driver; vendor: MemoryVendor }> {
  const vendor = memoryVendor(options);
  const d = await aboutToBeDue({ ...DELETING, vendor: (records, now) => vendor.store(records, now) });
  await d.pass(2 * HOUR);
  expect(vendor.sent).toHaveLength(1);
  return { d, vendor };
}

/** Each plans the record again while its request is open. */
const AGAIN: Readonly<Record<string, (d: Driver) => void>> = {
  'a fact that moves its date': (d) => d.happens('contract.ended', 'c-1', '2026-03-01T10:00:00Z'),
  'another registration': (d) => {
    d.registers('n-1', ['c-1', 'c-2']);
    d.happens('contract.ended', 'c-2', '2026-03-01T10:00:00Z');
  },
  'the same registration': (d) => d.registers('n-1', ['c-1']),
};

describe('while a request about a record is open', () => {
  test.each(Object.keys(AGAIN))('%s makes no second one', async (what) => {
    const d = await noticing(['delete']);
    await d.pass(2 * HOUR);
    AGAIN[what]?.(d);
    await d.pass(DAY);
    expect(outcomes(d)).toEqual(['delete requested']);
    expect(noticesIn(d)).toHaveLength(1);
    expect(d.registry.allChunks()).toHaveLength(1);
  });

  test('a record that is registered again each day is in one chunk, and is asked about at most once a day', async () => {
    const { d, vendor } = await asking({ loses: 100 });
    for (let day = 0; day < 10; day += 1) {
      await d.pass(DAY);
      d.registers('n-1', ['c-1']);
    }
    await d.pass(DAY);
    expect(d.registry.allChunks()).toHaveLength(1);
    expect(vendor.questions()).toBeLessThan(30);
    expect(outcomes(d)).toEqual(['delete requested', 'delete requested']);
    expect(await vendorViolations(d, vendor)).toEqual(['a chunk is left']);
  });

  test.each(Object.keys(AGAIN))(
    'and %s comes, a worker of its new chunk that dies at any call loses nothing, and nothing is asked for twice',
    async (what) => {
      const played = async (run: number, victim: ReturnType<typeof counting>) => {
        const { d, vendor } = await asking({ takes: TAKES });
        AGAIN[what]?.(d);
        const calls: string[][] = [];
        for (let number = 0; number < 40; number += 1) {
          calls.push([]);
          d.onNext('dispose', number === run ? victim : counting(calls[number] ?? []));
        }
        await d.pass(3 * DAY);
        return { d, vendor, calls };
      };
      const { calls } = await played(-1, counting([]));
      // The first is that of the new chunk: it begins, and leaves the record to the chunk with the request.
      const run = calls.findIndex((own) => own.includes('registry.deleteChunk'));
      const own = calls[run] ?? [];
      expect(own).toContain('registry.chunk');
      expect(own.filter((call) => call === 'store.delete' || call === 'store.readBack')).toEqual([]);
      const wrong: string[] = [];
      for (const [index, call] of own.entries()) {
        for (const when of ['before', 'after'] as const) {
          const { d, vendor } = await played(run, killAt(index + 1, when));
          const found = [...(await vendorViolations(d, vendor))];
          const [first] = vendor.sent;
          // What is registered meanwhile is the next generation, which is asked for when this one is done.
          const meanwhile = vendor.sent.filter(({ at }) => at < (first?.at ?? 0) + TAKES);
          if (new Set(meanwhile.map(({ id }) => id)).size !== 1) found.push('asked for twice');
          if (d.holding('n-1')?.state !== 'disposed') found.push('not disposed of');
          wrong.push(...found.map((sentence) => `killed ${when} ${index + 1} ${call}: ${sentence}`));
        }
      }
      expect(wrong).toEqual([]);
    },
  );
});

test('a record that a chunk without its request is named for is asked for', async () => {
  const { d, vendor } = await asking({ loses: 1 });
  // As if an operator had removed the chunk by hand.
  for (const chunk of d.registry.allChunks()) await d.registry.deleteChunk(chunk);
  d.registers('n-1', ['c-1']);
  await d.pass(9 * DAY);
  expect(new Set(vendor.sent.map(({ id }) => id)).size).toBeGreaterThan(0);
  expect(d.holding('n-1')?.state).toBe('disposed');
});

test('a replay asks once for what the vendor had done', async () => {
  const d = await noticing(['delete', 'restrict'], RESTRICTING);
  await d.pass(2 * HOUR);
  await confirmAsked(d.core, handleOf(d.ref('n-1')) as LogRef);
  await d.pass(2 * HOUR);
  await replayed(d, { since: Date.parse('2026-03-03T09:00:00Z'), does: true });
  await d.pass(DAY);
  expect(outcomes(d).filter((one) => one === 'restrict requested')).toHaveLength(2);
});
