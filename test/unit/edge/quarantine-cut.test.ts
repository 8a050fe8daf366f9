import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { LARGEST_MESSAGE } from '../../../functions/ingest/cut-message.ts';
import { ingest } from '../../../functions/ingest/ingest.ts';
import { takeDelivery } from '../../../functions/ingest/own-faults.ts';
import { quarantineUnread } from '../../../functions/ingest/quarantine.ts';
import { problem } from '../../../shared/contract/problem.ts';
import { apiWorld } from '../../support/api-world.ts';

const MARKER = 'zoe.marker@example.org';
const BUS_ID = '6a7e8feb-b491-4cf7-a9f1-bf3703467718';

/** A valid event with an extension attribute that makes its message so many bytes long. */
function message(bytes: number, id = 'e-1'): string {
  const of = (filler: string): string =>
    JSON.stringify({
      version: '0',
      id: BUS_ID,
      source: 'shop.example',
      'detail-type': 'contract.ended',
      time: '2026-03-01T09:59:00Z',
      detail: {
        specversion: '1.0',
        id,
        source: 'shop.example',
        type: 'contract.ended',
        data: { entity: { type: 'contract', id: MARKER }, occurred: '2026-02-28' },
        comment: filler,
      },
    });
  return of('é'.repeat((bytes - Buffer.byteLength(of(''))) / 2));
}

async function openedOf(world: ReturnType<typeof apiWorld>): Promise<string> {
  const [item] = world.registry.allQuarantined();
  const bytes = await world.keys.decrypt(
    { scope: 'quarantine', context: item?.id ?? '' },
    item?.sealed ?? '',
  );
  return Buffer.from(bytes).toString();
}

describe('a message that is too large', () => {
  const even = LARGEST_MESSAGE - (Buffer.byteLength(message(1000)) % 2);

  test('counts as long as quarantine could keep it, and is refused from there on', async () => {
    const world = apiWorld();
    expect(await ingest(world, message(even), 1)).toBe('done');
    // As a replay sends it.
    expect(await ingest(world, `${message(even)}\n`, 1)).toBe('done');
    expect(world.registry.allQuarantined()).toEqual([]);
    expect(await ingest(world, message(even + 2, 'e-2'), 1)).toBe('done');
    expect(world.registry.allQuarantined()).toMatchObject([{ code: 'ITEM_TOO_LARGE', producer: 'shop' }]);
  });

  test('is kept as its beginning, encrypted, with what leads to it', async () => {
    const world = apiWorld();
    const body = message(1_000_000);
    await ingest(world, body, 1);
    // Delivered again, it is still one item.
    await ingest(world, body, 2);
    const [item, ...others] = world.registry.allQuarantined();
    expect(others).toEqual([]);
    expect(item?.cut).toEqual({ bytes: Buffer.byteLength(body), busId: BUS_ID });
    expect(Buffer.byteLength(JSON.stringify(item))).toBeLessThan(200_000);
    const opened = JSON.parse(await openedOf(world)) as Record<string, unknown>;
    expect(opened).toMatchObject({
      cut: true,
      bytes: Buffer.byteLength(body),
      sha256: createHash('sha256').update(body).digest('hex'),
      id: BUS_ID,
      source: 'shop.example',
      event: { id: 'e-1', source: 'shop.example' },
    });
    expect(body.startsWith(String(opened['beginning']).slice(0, 60_000))).toBe(true);
    expect(JSON.stringify([item, world.lines])).not.toContain(MARKER);
    expect(world.lines.filter(({ code }) => code === 'ingest.quarantined')[0]).toEqual({
      code: 'ingest.quarantined',
      fields: { code: 'ITEM_TOO_LARGE', count: 1, producer: 'shop' },
    });
  });

  test('is listed as cut, cannot be replayed, and can be discarded', async () => {
    const world = apiWorld();
    await ingest(world, message(400_000), 1);
    const { body } = await world.call('operator', '/v1/quarantine');
    const [item] = body['items'] as { id: string; cut: object }[];
    expect(item).toMatchObject({ code: 'ITEM_TOO_LARGE', cut: { busId: BUS_ID } });
    const id = item?.id;
    const replayed = await world.call('operator', '/v1/quarantine/replay', { id });
    expect(replayed).toMatchObject({ status: 400, body: problem('MESSAGE_CUT', 'id') });
    expect(world.registry.allQuarantined()).toHaveLength(1);
    // Nothing was done, so nothing is in the log about it.
    expect(world.waiting('ingest')).toEqual([]);
    const discarded = await world.call('operator', '/v1/quarantine/discard', { id });
    expect(discarded.status).toBe(200);
    expect(world.registry.allQuarantined()).toEqual([]);
  });

  test('is never kept as one that is tried again by itself', async () => {
    const world = apiWorld();
    const sentAt = world.clock.now() - 13 * 86_400_000;
    await takeDelivery(world, { body: message(400_000), deliveries: 7, sentAt, receipt: 'r' });
    await quarantineUnread(world, message(500_000));
    expect(world.registry.allQuarantined().map(({ code }) => code)).toEqual([
      'ITEM_TOO_LARGE',
      'ITEM_TOO_LARGE',
    ]);
  });

  test.each([
    ['not JSON', `{"a":${MARKER}`.padEnd(900_000, 'x')],
    ['JSON of another shape', JSON.stringify([MARKER.repeat(30_000)])],
    [
      'an id that is not the bus’s',
      message(400_000).replace(BUS_ID, `${MARKER}\u001b[2J`.slice(0, BUS_ID.length)),
    ],
  ])('is cut as well if it is %s', async (_, body) => {
    const world = apiWorld();
    await ingest(world, body, 1);
    const [item] = world.registry.allQuarantined();
    expect(item).toMatchObject({ code: 'ITEM_TOO_LARGE', cut: { bytes: Buffer.byteLength(body) } });
    expect(item?.cut?.busId).toBeUndefined();
    expect(JSON.stringify([item, world.lines])).not.toContain(MARKER);
    expect(JSON.parse(await openedOf(world))).toMatchObject({ cut: true });
  });
});
