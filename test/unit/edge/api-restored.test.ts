import { describe, expect, test } from 'vitest';
import { noteReplayed, rebuildId, settlingId } from '../../../shared/protocol/restore/restored.ts';
import { SEGMENTS, segmentId } from '../../../shared/protocol/walk.ts';
import { apiWorld } from '../../support/api-world.ts';

const TABLE = 'registry-restored';
const START = '2026-03-01T10:00:00Z';
const SINCE = Date.parse(START);

function restoredWorld() {
  return apiWorld(START, undefined, undefined, TABLE);
}

type World = ReturnType<typeof restoredWorld>;

async function logKnown({ registry }: World): Promise<void> {
  const walk = { id: rebuildId(TABLE), at: SINCE, since: SINCE };
  await registry.putWalk({ ...walk, version: 1 });
  await registry.putWalk({ ...walk, version: 2, done: true, count: 12 });
}

async function compared({ registry }: World): Promise<void> {
  for (let segment = 0; segment < SEGMENTS; segment += 1)
    await registry.putWalk({
      id: segmentId(settlingId(TABLE), segment),
      version: 1,
      at: SINCE,
      count: 5,
      done: true,
    });
}

const lanesOf = (answer: { readonly body: Record<string, unknown> }) =>
  answer.body['lanes'] as { readonly lane: string; readonly state: string; readonly pauses: unknown }[];

describe('the lanes of a restored registry', () => {
  test('are paused, and say why and what is missing', async () => {
    const world = restoredWorld();
    const before = await world.call('auditor', '/v1/lanes');
    expect(before.body['restore']).toEqual({ missing: ['log', 'disposed', 'replay'], holdings: 0 });
    for (const lane of lanesOf(before))
      expect(lane).toMatchObject({ state: 'paused', pauses: [{ of: 'all', code: 'RESTORED' }] });
    await logKnown(world);
    await compared(world);
    await noteReplayed(world, TABLE, SINCE - 3_600_000);
    const after = await world.call('auditor', '/v1/lanes');
    expect(after.body['restore']).toEqual({
      missing: ['replay'],
      holdings: 20,
      replayedUntil: '2026-03-01T09:00:00.000Z',
    });
    expect(lanesOf(after)[0]?.pauses).toEqual([
      { of: 'all', since: '2026-03-01T10:00:00.000Z', code: 'RESTORED' },
    ]);
  });

  test('are resumed by a person, of all lanes, when nothing is missing', async () => {
    const world = restoredWorld();
    const refused = async (): Promise<unknown> => {
      const { status, body } = await world.call('operator', '/v1/lanes/resume', {});
      expect(lanesOf(await world.call('operator', '/v1/lanes')).map(({ state }) => state)).not.toContain(
        'running',
      );
      return [status, body['code'], body['detail']];
    };
    expect(await refused()).toEqual([409, 'RESTORE_INCOMPLETE', expect.stringContaining('deletion log yet')]);
    await logKnown(world);
    expect(await refused()).toEqual([409, 'RESTORE_INCOMPLETE', expect.stringContaining('compared')]);
    await compared(world);
    expect(await refused()).toEqual([409, 'RESTORE_INCOMPLETE', expect.stringContaining('replayed')]);
    await noteReplayed(world, TABLE, SINCE - 900_001);
    expect(await refused()).toEqual([409, 'RESTORE_INCOMPLETE', expect.stringContaining('replayed')]);
    await noteReplayed(world, TABLE, SINCE - 900_000);
    // Nothing was noted of what was refused.
    expect(world.registry.allResults()).toEqual([]);
    for (const _ of [1, 2]) {
      const { status, body } = await world.call('operator', '/v1/lanes/resume', {});
      expect([status, body['restore']]).toEqual([200, undefined]);
      expect(lanesOf({ body }).map(({ state }) => state)).toEqual(['running', 'running', 'running']);
    }
    expect(world.registry.allResults()).toMatchObject([{ actions: [{ did: 'resume' }] }]);
    expect(world.waiting('sweep')).toHaveLength(1);
  });

  test('stay paused when one of them is resumed, and one that is paused besides stays so', async () => {
    const world = restoredWorld();
    await world.call('operator', '/v1/lanes/orders/pause', {});
    await world.call('operator', '/v1/lanes/vault/pause', {});
    await world.call('operator', '/v1/lanes/vault/resume', {});
    expect(lanesOf(await world.call('auditor', '/v1/lanes')).map(({ state }) => state)).not.toContain(
      'running',
    );
    await logKnown(world);
    await compared(world);
    await noteReplayed(world, TABLE, SINCE);
    const { body } = await world.call('operator', '/v1/lanes/resume', {});
    expect(lanesOf({ body }).map(({ lane, state }) => `${lane} ${state}`)).toEqual([
      'invoices running',
      'orders paused',
      'vault running',
    ]);
  });

  test('cannot be resumed by an auditor or a producer', async () => {
    const world = restoredWorld();
    await logKnown(world);
    await compared(world);
    await noteReplayed(world, TABLE, SINCE);
    for (const caller of ['auditor', 'shop', 'nobody'] as const)
      expect((await world.call(caller, '/v1/lanes/resume', {})).status).toBe(403);
    expect(await world.registry.wideHolds()).toHaveLength(1);
  });
});

test('how far the archive came again only grows', async () => {
  const world = restoredWorld();
  for (const sent of [SINCE, SINCE - 1000, SINCE + 1000]) await noteReplayed(world, TABLE, sent);
  expect(world.registry.allWalks()).toMatchObject([{ since: SINCE + 1000 }]);
});
