import { isStatementToken } from '../../shared/domain/record/work.ts';
import { describe, expect, test } from 'vitest';
import type { Instant } from '../../shared/domain/record/ids.ts';
import { dispose } from '../../functions/dispose/dispose.ts';
import { ingest } from '../../functions/ingest/ingest.ts';
import { quarantineUnread } from '../../functions/ingest/quarantine.ts';
import { sweep } from '../../functions/sweep/sweep.ts';
import { heartbeatDetail, SWEEP_SOURCE } from '../../shared/contract/heartbeat.ts';
import { parseLaneMessage, parseSealMessage, parseSweepMessage } from '../../shared/contract/messages.ts';
import type { Bell, FanOutMessage, Queues, SweepMessage } from '../../shared/ports/queues.ts';
import { listOverdue } from '../../shared/protocol/overdue.ts';
import { seal } from '../../shared/protocol/log/seal.ts';
import { happened, registered, retracted, withdrawn } from '../support/driver/envelopes.ts';
import { PRODUCER, SOURCE, STORE, world } from '../support/driver/world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const at = (iso: string): Instant => Date.parse(iso);

/** The functions over queues: every message goes as text, and heartbeats go the way of events. */
function functions(options: Parameters<typeof world>[0] = {}) {
  const w = world(options);
  const bells: { readonly at: Instant; readonly body: string }[] = [];
  const toIngest: string[] = [];
  const toSweep: string[] = [];
  let sealing = false;
  const state = { ingestIsDown: false, sent: 0 };
  const queues: Queues = {
    async ring(all) {
      for (const { bell, delaySeconds } of all)
        bells.push({ at: w.clock.now() + delaySeconds * 1000, body: JSON.stringify(bell) });
    },
    async toSweep(messages) {
      toSweep.push(...messages.map((message: SweepMessage) => JSON.stringify(message)));
    },
    async toIngest(message: FanOutMessage) {
      toIngest.push(JSON.stringify(message));
    },
    async toSeal() {
      sealing = true;
    },
    async sendHeartbeat() {
      const { type, detail } = heartbeatDetail(w.clock.now());
      toIngest.push(
        JSON.stringify({
          version: '0',
          id: `heartbeat-${w.clock.now()}`,
          source: SWEEP_SOURCE,
          'detail-type': type,
          time: new Date(w.clock.now()).toISOString(),
          detail: JSON.parse(detail) as object,
        }),
      );
    },
    async retry() {
      throw new Error('nothing is tried again here');
    },
    async notify() {
      throw new Error('no one is told here');
    },
    async retryRefused() {
      throw new Error('nothing is tried again here');
    },
    async sendFacts() {
      throw new Error('no fact is sent again here');
    },
    async tellIngest() {
      throw new Error('no column is read here');
    },
    async hide() {
      throw new Error('nothing is hidden here');
    },
    replay: async (body) => void toIngest.push(body),
  };
  const core = { ...w.core, queues };
  async function drain(): Promise<void> {
    for (let busy = true; busy;) {
      busy = false;
      if (!state.ingestIsDown) {
        for (const body of toIngest.splice(0)) {
          busy = true;
          if ((await ingest(core, body, 1)) === 'again') toIngest.push(body);
        }
      }
      for (const body of toSweep.splice(0)) {
        busy = true;
        const message = parseSweepMessage(body);
        if (!message.ok) throw new Error(`a message of our own is not understood: ${message.path}`);
        await sweep(core, message.value, () => true);
      }
    }
    for (const { body } of bells.filter((bell) => bell.at <= w.clock.now())) {
      bells.splice(
        bells.findIndex((bell) => bell.body === body),
        1,
      );
      const bell = parseLaneMessage(body);
      if (!bell.ok) throw new Error(`a bell is not understood: ${bell.path}`);
      await dispose(core, bell.value as Bell);
    }
    if (sealing) {
      sealing = false;
      await seal({ ...core, bucket: w.bucket });
    }
  }
  return {
    ...w,
    core,
    state,
    async deliver(
      make: (sending: { source: string; id: string; arrived: Instant }) => string,
    ): Promise<void> {
      state.sent += 1;
      toIngest.push(make({ source: SOURCE, id: `m-${state.sent}`, arrived: w.clock.now() }));
      await drain();
    },
    async run(until: Instant): Promise<void> {
      while (w.clock.now() < until) {
        w.clock.advance(MINUTE);
        if (w.clock.now() % HOUR === 0) toSweep.push(JSON.stringify({ kind: 'hourly' }));
        if (w.timers.takeDue(w.clock.now()).length > 0) toSweep.push(JSON.stringify({ kind: 'wake' }));
        await drain();
      }
    },
  };
}

const place = { store: STORE, locator: ['n-1'] };
const contract = { type: 'contract', id: 'c-1' };
const registration = { ...place, categories: ['notes'], entities: [contract] };

describe('the functions of the second design', () => {
  test('carry a record from its registration to its entry in the log', async () => {
    const f = functions();
    f.store.put(['n-1']);
    await f.deliver((sending) => registered(sending, registration));
    await f.deliver((sending) => happened(sending, 'contract.ended', contract, '2026-03-01'));
    await f.run(at('2026-04-01T00:30:00Z'));
    expect(f.store.fields(['n-1'])).toBeUndefined();
    // Besides the statement of each day.
    const ofAttempts = f.registry.allSealed().filter(({ token }) => !isStatementToken(token));
    expect(ofAttempts).toMatchObject([{ count: 1, store: STORE, outcomes: { deleted: 1 } }]);
    expect(f.registry.allQuarantined()).toEqual([]);
  });

  test('stand still while ingest is down, and go on with what was sent meanwhile', async () => {
    const f = functions();
    f.store.put(['n-1']);
    await f.deliver((sending) => registered(sending, registration));
    await f.deliver((sending) => happened(sending, 'contract.ended', contract, '2026-03-01'));
    await f.run(at('2026-03-31T20:00:00Z'));
    f.state.ingestIsDown = true;
    await f.deliver((sending) => happened(sending, 'contract.renewed', contract, '2026-03-31'));
    await f.run(at('2026-04-02T00:00:00Z'));
    expect(f.store.fields(['n-1'])).toBeDefined();
    f.state.ingestIsDown = false;
    await f.run(at('2026-04-03T00:00:00Z'));
    expect(f.store.fields(['n-1'])).toBeDefined();
    expect(f.holding('n-1')).toBeUndefined();
    expect(f.registry.allHoldings()).toMatchObject([
      { state: 'active', decision: { status: 'undetermined' } },
    ]);
  });

  test('take a withdrawal before its registration, and quarantine what is not granted', async () => {
    const f = functions();
    await f.deliver((sending) => withdrawn(sending, place));
    await f.deliver((sending) => registered({ ...sending, sent: f.clock.now() - HOUR }, registration));
    expect(f.registry.allHoldings()).toMatchObject([{ state: 'withdrawn' }]);
    await f.deliver((sending) => registered(sending, { ...registration, store: 'others' }));
    expect(f.registry.allQuarantined()).toMatchObject([{ code: 'STORE_NOT_GRANTED', producer: PRODUCER }]);
    await quarantineUnread({ ...f.core, keys: f.core.keys }, 'not json');
    expect(f.registry.allQuarantined()).toHaveLength(2);
  });

  test('only the sweep can send a heartbeat', async () => {
    const f = functions();
    const { type, detail } = heartbeatDetail(f.clock.now());
    await f.deliver(({ id }) =>
      JSON.stringify({
        version: '0',
        id,
        source: SOURCE,
        'detail-type': type,
        time: new Date(f.clock.now()).toISOString(),
        detail: JSON.parse(detail) as object,
      }),
    );
    expect(await f.registry.heartbeat()).toBeUndefined();
    expect(f.registry.allQuarantined()).toHaveLength(1);
  });

  test('plan everything again when policies changed, and count every day', async () => {
    const f = functions();
    f.store.put(['n-1']);
    await f.deliver((sending) => registered(sending, registration));
    await f.deliver((sending) => happened(sending, 'contract.ended', contract, '2026-03-01'));
    await f.run(at('2026-03-02T02:00:00Z'));
    expect((await f.registry.policyRun())?.digest).toBeDefined();
    expect((await f.registry.census('census/2026-03-02/0')).items).toHaveLength(1);
    await f.deliver((sending) => retracted(sending, contract, 'm-2'));
    expect(f.registry.allHoldings()).toMatchObject([{ decision: { status: 'undetermined' } }]);
  });

  test('tell what is overdue, by producer and reason', async () => {
    const f = functions();
    f.store.put(['n-1']);
    await f.deliver((sending) => registered(sending, registration));
    await f.deliver((sending) => happened(sending, 'contract.ended', contract, '2026-03-01'));
    f.store.fail({ call: 'delete', code: 'STORE_DENIED' });
    await f.run(at('2026-04-06T00:30:00Z'));
    const { groups } = await listOverdue(f.core, f.clock.now());
    expect(groups).toMatchObject([
      { store: STORE, producer: PRODUCER, because: 'failing', code: 'STORE_DENIED', count: 1 },
    ]);
  });

  test('messages of another kind are refused', () => {
    expect(parseLaneMessage('{"kind":"chunk"}').ok).toBe(false);
    expect(parseSealMessage('{"kind":"wake"}').ok).toBe(false);
  });
});
