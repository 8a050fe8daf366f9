import { expect, test } from 'vitest';
import { present } from '../../../shared/domain/present.ts';
import type { Acted, Promised, ReadBack, Store, Target } from '../../../shared/ports/store.ts';
import type { MemoryStore } from '../../../shared/stores/memory-store.ts';
import { aboutToBeDue, DELETING, type Play } from '../../support/driver/disposal-play.ts';
import type { Driver } from '../../support/driver/driver.ts';
import { entriesIn } from '../../support/driver/violations.ts';
import { memoryVendor } from '../../support/vendor/memory-vendor.ts';

const DAY = 86_400_000;
const outcomesIn = (d: Driver) => entriesIn(d).map(({ entry: { stage, outcome } }) => `${stage} ${outcome}`);

interface Asked {
  readonly verb: string;
  readonly id: string;
  readonly at: number;
}

/** A vendor that can restrict and delete. `says`: what came of what is asked about there. */
function vendorOf(records: MemoryStore, now: () => number, says: (follow: string) => ReadBack) {
  const asked: Asked[] = [];
  const ask =
    (verb: string, hasFollow: boolean) =>
    async (batch: readonly Target[]): Promise<Acted[]> =>
      batch.map(({ request: id = '' }) => {
        asked.push({ verb, id, at: now() });
        return { outcome: 'requested', ...present({ follow: hasFollow ? `${verb} ${id}` : undefined }) };
      });
  const store: Store = {
    ...records,
    batch: 10,
    vendor: { chaseAfterDays: 7, confirmWithinDays: 30 },
    look: async (batch) => batch.map(() => ({ state: 'present' })),
    delete: ask('delete', false),
    restrict: async (batch, on) => ask(on ? 'restrict' : 'lift', true)(batch),
    readBack: async (batch: readonly Promised[]) =>
      batch.map(({ follow }) => (follow === undefined ? { state: 'pending' } : says(follow))),
  };
  return { asked, store };
}

async function playing(says: (follow: string) => ReadBack, play: Play = {}) {
  let made: ReturnType<typeof vendorOf> | undefined;
  const d = await aboutToBeDue({
    restricts: true,
    ...play,
    vendor: (records, now) => {
      made ??= vendorOf(records, now, says);
      return made.store;
    },
  });
  const asked = () => (made?.asked ?? []).map(({ verb, at }) => `${verb} ${new Date(at).toISOString()}`);
  const deletions = () =>
    new Set((made?.asked ?? []).flatMap(({ verb, id }) => (verb === 'delete' ? [id] : [])));
  return { d, asked, deletions };
}

test('that a restriction is done does not confirm the deletion', async () => {
  let isDone = false;
  const { d, asked, deletions } = await playing(
    (follow) => (isDone && follow.startsWith('restrict') ? { state: 'confirmed' } : { state: 'pending' }),
    { rules: { notes: ['restrict 1 day after contract.ended', '1 day after contract.renewed'] } },
  );
  await d.pass(6.9 * DAY);
  d.down.add('ingest');
  d.happens('contract.renewed', 'c-1', '2026-03-01T08:00:00Z');
  await d.pass(0.5 * DAY);
  d.down.delete('ingest');
  await d.pass(2 * DAY);
  expect(asked().at(-1)).toMatch(/^delete 2026-03-10/);
  expect(deletions().size).toBe(1);
  isDone = true;
  await d.pass(9 * DAY);
  expect(outcomesIn(d)).not.toContain('delete confirmed-by-vendor');
  expect(d.holding('n-1')?.state).toBe('active');
});

test('what was accepted is not forgotten when it is asked for again without an answer, and then withdrawn', async () => {
  const vendor = memoryVendor({
    takes: 20 * DAY,
    instead: (number) => (number > 1 ? { outcome: 'failed', code: 'STORE_TIMEOUT' } : undefined),
  });
  const d = await aboutToBeDue({ ...DELETING, vendor: (records, now) => vendor.store(records, now) });
  await d.pass(9 * DAY);
  expect(new Set(vendor.sent.map(({ id }) => id)).size).toBe(2);
  d.withdraws('n-1');
  await d.pass(20 * DAY);
  expect(outcomesIn(d)).toEqual(['delete requested', 'delete confirmed-by-vendor']);
});
