import { expect, test } from 'vitest';
import { noticeDetail } from '../../../shared/contract/notice.ts';
import type { LogRef } from '../../../shared/domain/record/ids.ts';
import { handleOf, type Notice } from '../../../shared/domain/record/notice.ts';
import { confirmAsked } from '../../../shared/protocol/vendor/confirm-asked.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { answering } from '../../../shared/stores/answering.ts';
import { HttpOptions } from '../../../shared/stores/http/http-options.ts';
import { http } from '../../../shared/stores/http/http.ts';
import { beat, due, entriesOf, handedOver } from '../../support/driver/dying-worker.ts';

const DAY = 86_400_000;

/** A record that is due, at a vendor that has no API. */
async function noted() {
  const { w } = await due({}, ['n-1']);
  const chunk = await handedOver(w, '2026-04-01T00:35:00Z');
  const store = await http.open(HttpOptions.parse({ notice: ['delete'] }), {
    region: 'eu-central-1',
    keys: [{ name: 'id', type: 'text' }],
    timeoutSeconds: 5,
    pseudonymKey: async () => new Uint8Array(),
  });
  const own = answering(store, (error) => {
    throw error;
  });
  const core: LaneCore = { ...w.core, store: own };
  const attempt = async (by: LaneCore = core): Promise<void> => {
    const { notBefore = 0 } = (await w.registry.chunk(chunk)) ?? {};
    w.clock.set(Math.max(w.clock.now(), notBefore));
    await beat(w);
    await workOnChunk(by, chunk);
  };
  const notices = async (): Promise<readonly Notice[]> => (await w.registry.notices()).items;
  return { w, core, chunk, attempt, notices, outcomes: () => entriesOf(w).map(({ outcome }) => outcome) };
}

test('a vendor without an API is asked by one event, which names the record by its handle alone', async () => {
  const { w, attempt, notices, outcomes } = await noted();
  await attempt();
  await attempt();
  const [notice, ...others] = await notices();
  if (notice === undefined) throw new Error('nothing was noted');
  expect(others).toEqual([]);
  expect(outcomes()).toEqual(['requested']);
  const [holding] = (await w.registry.scanHoldings(0, 1)).items;
  if (holding === undefined) throw new Error('there is no holding');
  const { type, detail } = noticeDetail(notice);
  expect(type).toBe('retention.vendor.notice');
  expect(JSON.parse(detail)).toMatchObject({
    id: notice.id,
    data: { store: 'notes', stage: 'delete', handle: handleOf(holding.ref), number: 1, request: notice.id },
  });
  expect(detail).not.toContain(holding.ref);
});

test('an event that may have been noted is noted again as the same one, and after a week comes another', async () => {
  const { w, core, chunk, attempt, notices, outcomes } = await noted();
  const dying: LaneCore = {
    ...core,
    registry: {
      ...core.registry,
      async putNotices(all) {
        await core.registry.putNotices(all);
        throw new Error('killed');
      },
    },
  };
  await attempt(dying).catch(() => undefined);
  const [first] = await notices();
  expect(outcomes()).toEqual([]);
  w.clock.advance(3_600_000);
  await attempt();
  expect((await notices()).map(({ id }) => id)).toEqual([first?.id]);
  const until = w.clock.now() + 9 * DAY;
  while (w.clock.now() < until) {
    await attempt();
    w.clock.advance(60_000);
  }
  const numbers = new Set((await notices()).map(({ data }) => data['number']));
  expect(numbers).toEqual(new Set([1, 2]));
  expect(await notices()).toHaveLength(2);
  expect(await w.registry.chunk(chunk)).toBeDefined();
});

test('a person who has its handle says that the vendor has done it', async () => {
  const { w, core, chunk, attempt, notices, outcomes } = await noted();
  await attempt();
  const [notice] = await notices();
  const handle = String(notice?.data['handle']) as LogRef;
  expect(await confirmAsked(core, 'AAAAAAAAAAAAAAAAAAAAAA' as LogRef)).toBe('none');
  expect(await confirmAsked(core, handle)).toBe('confirmed');
  await attempt();
  expect(outcomes()).toEqual(['requested', 'confirmed-by-vendor']);
  expect(await w.registry.chunk(chunk)).toBeUndefined();
});

test.each([
  [{ notice: ['delete'], origin: 'https://api.example.com' }, 'origin'],
  [
    {
      notice: ['delete'],
      read: { method: 'GET', path: '/', gone: [{ status: [404] }], present: [{ status: [200] }] },
    },
    'read',
  ],
  [{ notice: ['delete'], headers: { authorization: 'Bearer {secret.token}' } }, 'headers'],
  [{ notice: ['delete'], privateAddresses: true }, 'privateAddresses'],
  [{ notice: [] }, 'notice'],
  [{ notice: ['delete', 'delete'] }, 'notice'],
  [{ delete: { method: 'DELETE', path: '/x' } }, 'origin'],
])('options %j are refused because of %s', (options, place) => {
  const parsed = HttpOptions.safeParse(options);
  expect(parsed.error?.issues.map(({ path }) => path[0])).toEqual([place]);
});
