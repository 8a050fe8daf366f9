import { describe, expect, test } from 'vitest';
import { apiWorld } from '../../support/api-world.ts';

/*
 * Two producers share a store, a person and a record. Each story is played twice: with the rival's part, and without. The
 * shop's answers have to be the same, to the byte; of encrypted cursors, the length.
 */

type World = ReturnType<typeof apiWorld>;
type Step = (world: World) => Promise<unknown>;

const person = { type: 'person', id: 'zoe' };
const contract = { type: 'contract', id: 'c-1' };
const line = (number: number): readonly [string, number] => ['0f8fad5b-d9cb-469f-a165-70867728950e', number];

const registers =
  (who: 'shop' | 'rival', number: number, more: Readonly<Record<string, unknown>> = {}): Step =>
  (world) =>
    world.call(who, '/v1/holdings', {
      holdings: [
        {
          store: 'invoices',
          locator: line(number),
          categories: ['registration'],
          purposes: who === 'shop' ? ['billing'] : ['service', 'contract'],
          entities: [contract, person],
          ...more,
        },
      ],
    });

const withdraws =
  (who: 'shop' | 'rival', number: number): Step =>
  (world) =>
    world.call(who, '/v1/holdings/withdraw', {
      holdings: [{ store: 'invoices', locator: line(number) }],
    });

const ends =
  (who: 'shop' | 'rival', occurred: string): Step =>
  (world) =>
    world.call(who, '/v1/events', {
      events: [
        {
          specversion: '1.0',
          id: `${who} ${occurred}`,
          source: `${who}.example`,
          type: 'contract.ended',
          data: { entity: contract, occurred },
        },
      ],
    });

const writes =
  (number: number): Step =>
  async (world) =>
    world.stores['invoices']?.put(line(number));

/** Each in its own minute. */
const minute = (number: number): string =>
  new Date(Date.parse('2025-03-01T11:00:00Z') + number * 60_000).toISOString();

interface Story {
  readonly start?: string;
  /** In order: when, whose, what. */
  readonly steps: readonly (readonly [at: string, by: 'shop' | 'rival' | 'both', step: Step])[];
  readonly until: string;
}

/** What the shop is told at the end, page by page. */
async function toldTo(who: 'shop' | 'auditor', story: Story, withRival: boolean): Promise<readonly string[]> {
  const world = apiWorld(story.start ?? '2025-03-01T10:00:00Z', 100);
  for (const [at, by, step] of story.steps) {
    await world.wakeUntil(at);
    if (by !== 'rival' || withRival) await step(world);
    await world.deliver();
    world.clock.set(Date.parse(at) + 10_000);
  }
  await world.wakeUntil(story.until);
  const pages: string[] = [];
  let cursor: unknown;
  do {
    const answer = await world.call(who, '/v1/subjects/query', {
      entity: person,
      ...(cursor === undefined ? {} : { cursor }),
    });
    expect(answer.status).toBe(200);
    cursor = answer.body['next'];
    pages.push(answer.text.replace(/"next":"([^"]*)"/, (_, text: string) => `"next":${text.length}`));
  } while (cursor !== undefined);
  return pages;
}

const STORIES: Readonly<Record<string, Story>> = {
  'registered the same record, with other purposes and a later end': {
    steps: [
      ['2025-03-01T11:00:00Z', 'shop', registers('shop', 1)],
      ['2025-03-02T11:00:00Z', 'rival', registers('rival', 1)],
      ['2025-03-03T11:00:00Z', 'shop', ends('shop', '2025-03-03')],
      ['2025-03-04T11:00:00Z', 'rival', ends('rival', '2025-03-04')],
    ],
    until: '2025-04-01T00:00:00Z',
  },
  'registered it first, in another year': {
    start: '2024-12-01T10:00:00Z',
    steps: [
      ['2024-12-01T11:00:00Z', 'rival', registers('rival', 1)],
      ['2025-02-01T11:00:00Z', 'shop', registers('shop', 1)],
      ['2025-02-03T11:00:00Z', 'shop', registers('shop', 2)],
    ],
    until: '2025-04-01T00:00:00Z',
  },
  'had it in an earlier generation, and took that back': {
    steps: [
      ['2025-03-01T11:00:00Z', 'rival', registers('rival', 1)],
      ['2025-03-02T11:00:00Z', 'rival', withdraws('rival', 1)],
      ['2025-03-03T11:00:00Z', 'shop', registers('shop', 1)],
      ['2025-03-04T11:00:00Z', 'shop', registers('shop', 1)],
    ],
    until: '2025-04-01T00:00:00Z',
  },
  'keeps it while this producer withdraws it and registers it again': {
    steps: [
      ['2025-03-01T11:00:00Z', 'shop', registers('shop', 1)],
      ['2025-03-02T11:00:00Z', 'rival', registers('rival', 1)],
      ['2025-03-03T11:00:00Z', 'shop', withdraws('shop', 1)],
      ['2025-03-04T11:00:00Z', 'shop', registers('shop', 1)],
    ],
    until: '2025-04-01T00:00:00Z',
  },
  'shares a record that is disposed of': {
    steps: [
      ['2025-03-01T11:00:00Z', 'shop', registers('shop', 1)],
      ['2025-03-01T11:01:00Z', 'rival', registers('rival', 1)],
      ['2025-03-01T11:02:00Z', 'both', writes(1)],
      ['2025-03-02T11:00:00Z', 'shop', ends('shop', '2022-04-01')],
      ['2025-03-02T11:01:00Z', 'rival', ends('rival', '2022-03-01')],
    ],
    until: '2025-04-03T00:00:00Z',
  },
};

describe('a producer that asks about a person cannot tell whether another producer', () => {
  test.each(Object.entries(STORIES))('%s', async (_, story) => {
    const alone = await toldTo('shop', story, false);
    const shared = await toldTo('shop', story, true);
    expect(alone.join('')).toContain('"purposes":["billing"]');
    expect(shared).toEqual(alone);
    // The rival did play its part, which an auditor sees.
    expect(await toldTo('auditor', story, true)).not.toEqual(await toldTo('auditor', story, false));
  });

  test('has other records about the person: neither the pages nor their sizes are different', async () => {
    const own = [3, 70, 120, 190, 251];
    const filled = (withRival: boolean): Story => ({
      steps: Array.from(
        { length: 260 },
        (_, number) =>
          [
            minute(number),
            own.includes(number) ? 'shop' : 'rival',
            registers(own.includes(number) ? 'shop' : 'rival', number),
          ] as const,
      ).filter(([, by]) => withRival || by === 'shop'),
      until: '2025-03-02T12:00:00Z',
    });
    const alone = await toldTo('shop', filled(false), true);
    expect(alone).toHaveLength(1);
    expect(await toldTo('shop', filled(true), true)).toEqual(alone);
  }, 60_000);

  test('has more records, where its own fill pages exactly', async () => {
    const filled = (others: number): Story => ({
      steps: [
        ...Array.from(
          { length: 100 },
          (_, number) => [minute(number), 'shop', registers('shop', number)] as const,
        ),
        ...Array.from(
          { length: others },
          (_, number) => [minute(100 + number), 'rival', registers('rival', 100 + number)] as const,
        ),
      ],
      until: '2025-03-02T12:00:00Z',
    });
    const alone = await toldTo('shop', filled(0), true);
    expect(alone).toHaveLength(1);
    expect(await toldTo('shop', filled(150), true)).toEqual(alone);
  }, 60_000);
});
