import { describe, expect, test } from 'vitest';
import type { SQSRecord } from 'aws-lambda';
import { fromElsewhere, ingestHandler } from '../../../functions/ingest/handler.ts';
import { ingest } from '../../../functions/ingest/ingest.ts';
import { yearOf } from '../../../shared/domain/calendar/utc-time.ts';
import { bodyHash } from '../../../shared/domain/configuration/references.ts';
import { heartbeatDetail, SWEEP_SOURCE } from '../../../shared/contract/heartbeat.ts';
import { SENT_AGAIN_FROM as late } from '../../../shared/domain/configuration/queue-settings.ts';
import { envelope, happened, registered, withdrawn } from '../../support/driver/envelopes.ts';
import { SOURCE, STORE, world } from '../../support/driver/world.ts';
import { everythingIn } from '../../support/everything-in.ts';
import { at } from '../../support/samples.ts';

const sending = { source: SOURCE, id: 'e-1', arrived: at('2026-03-01T09:59:00Z') };
const registering = {
  store: STORE,
  locator: ['r-1'],
  categories: ['notes'],
  entities: [{ type: 'contract', id: 'c-1' }],
};

const OTHER = [{ type: 'contract', id: 'c-2' }];

/** A world whose replayed messages are kept. */
function replayingWorld() {
  const w = world();
  const replayed: string[] = [];
  const replay = async (body: string): Promise<void> => void replayed.push(body);
  return { ...w, replayed, core: { ...w.core, queues: { ...w.core.queues, replay } } };
}

describe('a message that comes often', () => {
  test.each([
    ['a registration', registered({ ...sending, id: 'e-2' }, { ...registering, entities: OTHER })],
    ['a withdrawal', withdrawn({ ...sending, id: 'e-2' }, { store: STORE, locator: ['r-1'] })],
  ])(
    '%s waits for a work record that names its holding without limit: it goes back as a new message',
    async (_, second) => {
      const { core, registry, replayed } = replayingWorld();
      expect(await ingest(core, registered(sending, registering), 1)).toBe('done');
      const [holding] = registry.allHoldings();
      if (holding === undefined) throw new Error('nothing was registered');
      const chunk = { lane: STORE, producer: 'portal', minute: 0, id: 'c' };
      const until = at('2026-03-01T11:00:00Z');
      const work = { lane: STORE, chunk, token: 't', begunAt: 0, until, refs: [holding.ref], actedOn: [] };
      await registry.putWork(work);
      expect(await ingest(core, second, late - 1)).toBe('again');
      // It counts already, while it waits.
      const counted = registry.allHoldings();
      expect(counted[0]?.version).toBe(holding.version + 1);
      expect(await ingest(core, second, late)).toBe('done');
      expect(replayed).toEqual([second]);
      expect(registry.allHoldings()).toEqual(counted);
      await registry.deleteWork(work);
      expect(await ingest(core, second, 1)).toBe('done');
      expect(registry.allHoldings()).toEqual(counted);
      expect(registry.allQuarantined()).toEqual([]);
    },
  );
});

describe('the key of the log of the year', () => {
  const yearEnd = at('2026-12-31T23:59:58Z');
  const now = { ...sending, arrived: yearEnd };

  /** A world at the end of a year that notes which keys it makes, and which cannot make them while `broken`. */
  function keyWorld() {
    const w = world({ start: '2026-12-31T23:59:59Z' });
    const made: number[] = [];
    const state = { broken: false };
    const ensureLogKey = async (year: number): Promise<void> => {
      if (state.broken) throw Object.assign(new Error('no'), { code: 'KEY_MISSING' });
      // Before anything of the registration is there.
      if (w.registry.allHoldings().length === 0) made.push(year);
    };
    return { ...w, made, state, core: { ...w.core, keys: { ...w.core.keys, ensureLogKey } } };
  }

  test('is made before a registration is folded', async () => {
    const { core, registry, made, state } = keyWorld();
    const before = await everythingIn(registry);
    state.broken = true;
    await expect(ingest(core, registered(now, registering), 1)).rejects.toMatchObject({
      code: 'KEY_MISSING',
    });
    expect(await everythingIn(registry)).toEqual(before);
    state.broken = false;
    expect(await ingest(core, registered(now, registering), 2)).toBe('done');
    expect(registry.allHoldings()).toHaveLength(1);
    expect(made).toEqual([2026]);
  });

  test('is that of the year in which the holding counts as registered, whatever this clock says', async () => {
    const { core, registry, made } = keyWorld();
    const arrived = at('2027-01-01T00:00:00Z');
    expect(core.clock.now()).toBeLessThan(arrived);
    expect(await ingest(core, registered({ ...sending, arrived }, registering), 1)).toBe('done');
    expect(made).toEqual(registry.allHoldings().map(({ registeredAt }) => yearOf(registeredAt)));
    expect(made).toEqual([2027]);
  });

  test('is made for nothing else', async () => {
    const { core, made, registry } = keyWorld();
    const contract = { type: 'contract', id: 'c-1' };
    for (const body of [
      registered(now, { ...registering, categories: ['unknown'] }),
      withdrawn({ ...now, id: 'e-2' }, { store: STORE, locator: ['r-1'] }),
      happened({ ...now, id: 'e-3' }, 'contract.ended', contract, '2026-12-31'),
    ])
      expect(await ingest(core, body, 1)).toBe('done');
    expect(registry.allQuarantined()).toHaveLength(1);
    expect(made).toEqual([]);
  });
});

describe('a heartbeat', () => {
  const beat = (sent: number, changes: object = {}): string => {
    const { type, detail } = heartbeatDetail(sent);
    const body = JSON.parse(envelope({ ...sending, source: SWEEP_SOURCE }, type, {})) as object;
    return JSON.stringify({ ...body, detail: JSON.parse(detail) as object, ...changes });
  };

  test('is folded once it went the way of events, and only forwards', async () => {
    const { core, registry } = world();
    const sent = at('2026-03-01T09:59:00Z');
    expect(await ingest(core, beat(sent), 1)).toBe('done');
    expect(await registry.heartbeat()).toBe(sent);
    expect(await ingest(core, beat(sent - 60_000), 1)).toBe('done');
    expect(await registry.heartbeat()).toBe(sent);
    expect(registry.allQuarantined()).toEqual([]);
  });

  test('from any other source is refused and folds nothing', async () => {
    const { core, registry } = world();
    expect(await ingest(core, beat(at('2026-03-01T09:59:00Z'), { source: SOURCE }), 1)).toBe('done');
    expect(await registry.heartbeat()).toBeUndefined();
    expect(registry.allQuarantined()).toHaveLength(1);
  });
});

describe('a dead letter', () => {
  const QUEUE = 'https://sqs.eu-central-1.amazonaws.com/111122223333/records-ingest';
  const arnOf = (name: string) => `arn:aws:sqs:eu-central-1:111122223333:${name}`;
  const record = (body: string, queue: string) =>
    ({
      messageId: 'm-1',
      body,
      eventSourceARN: arnOf(queue),
      attributes: { ApproximateReceiveCount: '1' },
    }) as SQSRecord;

  test('is quarantined unread, whatever is in it; what the own queue delivers is taken', async () => {
    const { core, registry, reports } = world();
    const handler = ingestHandler(core, fromElsewhere(QUEUE));
    const poison = '{"MARKER"';
    const taken = registered(sending, registering);
    const Records = [
      record(poison, 'records-ingest-dead'),
      record(taken, 'records-undelivered'),
      record(taken, 'records-ingest'),
    ];
    expect(await handler({ Records })).toEqual({ batchItemFailures: [] });
    // The function may die before the queue gets its answer: then all messages are delivered again.
    expect(await handler({ Records })).toEqual({ batchItemFailures: [] });
    expect(registry.allQuarantined().map(({ code }) => code)).toEqual(['DEAD_LETTER', 'DEAD_LETTER']);
    expect(registry.allHoldings()).toHaveLength(1);
    expect(JSON.stringify(reports.lines)).not.toContain('MARKER');
    const [first] = registry.allQuarantined().filter(({ id }) => id === bodyHash(poison).slice(0, 32));
    const opened = await core.keys.decrypt(
      { scope: 'quarantine', context: first?.id ?? '' },
      first?.sealed ?? '',
    );
    expect(Buffer.from(opened).toString()).toBe(poison);
  });
});
