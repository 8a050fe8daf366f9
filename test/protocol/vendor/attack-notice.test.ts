import { expect, test } from 'vitest';
import type { LogRef } from '../../../shared/domain/record/ids.ts';
import { handleOf } from '../../../shared/domain/record/notice.ts';
import { confirmAsked } from '../../../shared/protocol/vendor/confirm-asked.ts';
import { HttpOptions } from '../../../shared/stores/http/http-options.ts';
import { http } from '../../../shared/stores/http/http.ts';
import { aboutToBeDue, DELETING, type Play } from '../../support/driver/disposal-play.ts';
import type { Driver } from '../../support/driver/driver.ts';
import { replayed } from '../../support/driver/replay-play.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
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
const vendorEvents = (d: Driver) =>
  d.told.map((one) => JSON.parse(one)).filter(({ type }) => type === 'retention.vendor.notice');

test('the bus has the events within an hour, also where no policy wants to be told; confirming ends one of two records', async () => {
  const d = await noticing(['delete'], { ...DELETING, more: ['n-2'] });
  await d.pass(HOUR);
  expect(vendorEvents(d)).toHaveLength(2);
  expect(await confirmAsked(d.core, handleOf(d.ref('n-1')) as LogRef)).toBe('confirmed');
  await d.pass(2 * HOUR);
  expect([d.holding('n-1')?.state, d.holding('n-2')?.state]).toEqual(['disposed', 'active']);
  expect(await confirmAsked(d.core, handleOf(d.ref('n-2')) as LogRef)).toBe('confirmed');
  await d.pass(2 * HOUR);
  expect(d.holding('n-2')?.state).toBe('disposed');
  expect(new Set(vendorEvents(d).map(({ id }) => id)).size).toBe(2);
});

test('a restriction, its lift and the next restriction are three requests', async () => {
  const d = await noticing(['delete', 'restrict'], RESTRICTING);
  await d.pass(2 * HOUR);
  const handle = handleOf(d.ref('n-1')) as LogRef;
  expect(vendorEvents(d).map(({ data }) => data.stage)).toEqual(['restrict']);
  expect(await confirmAsked(d.core, handle)).toBe('confirmed');
  await d.pass(2 * HOUR);
  d.happens('contract.renewed', 'c-1', '2026-03-03T11:00:00Z');
  await d.pass(5 * HOUR);
  expect(await confirmAsked(d.core, handle)).toBe('confirmed');
  await d.pass(2 * HOUR);
  d.happens('contract.ended', 'c-1', '2026-03-03T12:00:00Z');
  await d.pass(2 * DAY);
  expect(new Set(vendorEvents(d).map(({ id }) => id)).size).toBe(3);
  expect(await confirmAsked(d.core, handle)).toBe('confirmed');
  await d.pass(2 * HOUR);
});

test('a replay asks once more for what was done, and leaves an open request as it is', async () => {
  const d = await noticing(['delete', 'restrict'], { ...RESTRICTING, more: ['n-2'] });
  await d.pass(2 * HOUR);
  expect(await confirmAsked(d.core, handleOf(d.ref('n-1')) as LogRef)).toBe('confirmed');
  await d.pass(2 * HOUR);
  const asking = { since: Date.parse('2026-03-03T09:00:00Z'), does: true };
  await replayed(d, asking);
  await d.pass(2 * HOUR);
  // Receivers drop duplicates by their id.
  const handles = (): unknown[] => [
    ...new Map(vendorEvents(d).map(({ id, data }) => [id, data.handle])).values(),
  ];
  const [one, two] = [handleOf(d.ref('n-1')), handleOf(d.ref('n-2'))];
  expect(handles()).toHaveLength(3);
  expect(handles().filter((handle) => handle === one)).toHaveLength(2);
  for (const handle of [one, two]) expect(await confirmAsked(d.core, handle as LogRef)).toBe('confirmed');
  await d.pass(2 * HOUR);
  expect(d.registry.allChunks()).toEqual([]);
});
