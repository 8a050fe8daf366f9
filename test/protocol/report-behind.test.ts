import { beforeAll, describe, expect, test } from 'vitest';
import { memoryClock } from '../../shared/adapters/memory/memory-clock.ts';
import { memoryLogBucket, memoryLogIndex } from '../../shared/adapters/memory/memory-log.ts';
import { memoryQueues } from '../../shared/adapters/memory/memory-queues.ts';
import { type MemoryRegistry, memoryRegistry } from '../../shared/adapters/memory/memory-registry.ts';
import { memoryReport } from '../../shared/adapters/memory/memory-report.ts';
import { memoryTimers } from '../../shared/adapters/memory/memory-timers.ts';
import { randomTokens } from '../../shared/adapters/random-tokens.ts';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import type { Holding } from '../../shared/domain/record/holding.ts';
import type { ReportFields } from '../../shared/ports/report.ts';
import { reportBehind } from '../../shared/protocol/report-behind.ts';
import { seal } from '../../shared/protocol/seal.ts';
import { sweepHourly } from '../../shared/protocol/sweep.ts';
import { CUSTOMERS, PAYMENTS } from '../support/driver/contract-messages.ts';
import { demoDeployment } from '../support/deployment.ts';
import { aHolding, at } from '../support/samples.ts';

const NOW = '2029-02-05T20:05:00Z';
const HOUR = 3_600_000;

let configuration: Configuration;
beforeAll(async () => {
  configuration = await demoDeployment();
});

/** A day between date and deadline, and a hint as usual: at the date, or for a retry. */
async function put(
  registry: MemoryRegistry,
  name: string,
  { due, hint = due, ...changes }: { readonly due: string; readonly hint?: string } & Partial<Holding>,
): Promise<void> {
  const [actAt, hintAt] = [at(due), at(hint)];
  const deadline = actAt + 24 * HOUR;
  const decision = { status: 'due', policies: 'f'.repeat(32), stage: 'delete', actAt, deadline } as const;
  const holding = aHolding(name, { store: CUSTOMERS, decision, hintAt, ...changes });
  await registry.putHolding(holding);
  await registry.putHint({ minute: hintAt, holding: holding.ref, deadline });
}

async function linesOf(
  prepare: (registry: MemoryRegistry) => Promise<void>,
  goOn: () => boolean = () => true,
): Promise<Record<string, ReportFields>> {
  const registry = memoryRegistry();
  await registry.moveWatermark(undefined, at('2029-02-01T00:00:00Z'));
  await prepare(registry);
  const { report, lines } = memoryReport();
  await reportBehind({ registry, configuration, clock: memoryClock(at(NOW)), report }, goOn);
  return Object.fromEntries(
    lines.map(({ code, fields }) => [fields.store === undefined ? code : `${code} ${fields.store}`, fields]),
  );
}

describe('what the hourly sweep tells alarms', () => {
  test('is 0 for every store when nothing is late, so that an alarm ends', async () => {
    const lines = await linesOf(async (registry) => {
      await put(registry, 'not-due-yet', { due: '2029-02-06T02:00:00Z' });
      await put(registry, 'due-for-an-hour', { due: '2029-02-05T19:00:00Z' });
    });
    for (const store of Object.keys(configuration.stores)) {
      expect(lines[`sweep.overdue ${store}`]).toEqual({ store, count: 0, seconds: 0 });
      expect(lines[`sweep.at-risk ${store}`]).toEqual({ store, count: 0 });
    }
    expect(lines['sweep.quarantine']).toEqual({ count: 0, seconds: 0 });
  });

  test('counts what is past its deadline, with the age of the oldest, also while it backs off', async () => {
    const lines = await linesOf(async (registry) => {
      await put(registry, 'late', { due: '2029-02-04T19:05:00Z' });
      await put(registry, 'later', {
        due: '2029-02-02T20:05:00Z',
        hint: '2029-02-06T15:00:00Z',
        failures: 9,
      });
      await put(registry, 'gone', { due: '2029-02-02T10:00:00Z', state: 'disposed' });
    });
    expect(lines[`sweep.overdue ${CUSTOMERS}`]).toEqual({ store: CUSTOMERS, count: 2, seconds: 48 * 3600 });
    expect(lines[`sweep.overdue ${PAYMENTS}`]).toMatchObject({ count: 0 });
  });

  test('counts what is due and in the second half of its time, within twelve hours of its deadline', async () => {
    const lines = await linesOf(async (registry) => {
      await put(registry, 'first-half', { due: '2029-02-05T08:10:00Z' });
      await put(registry, 'second-half', { due: '2029-02-05T08:00:00Z' });
      await put(registry, 'backing-off', { due: '2029-02-05T01:00:00Z', hint: '2029-02-05T23:00:00Z' });
      await put(registry, 'past-it', { due: '2029-02-04T20:00:00Z' });
    });
    expect(lines[`sweep.at-risk ${CUSTOMERS}`]).toEqual({ store: CUSTOMERS, count: 2 });
    expect(lines[`sweep.overdue ${CUSTOMERS}`]).toMatchObject({ count: 1 });
  });

  test('leaves out what a hold keeps, and counts what a pause keeps', async () => {
    const parkedUnder = async (kind: 'hold' | 'pause') =>
      linesOf(async (registry) => {
        const scope = { store: CUSTOMERS };
        await registry.placeWideHold({ id: 'h-1', kind, scope, state: 'placed', at: at(NOW) });
        await put(registry, 'parked', { due: '2029-02-02T20:05:00Z', parked: { hold: 'h-1' } });
        await registry.park('h-1', aHolding('parked').ref);
      });
    expect((await parkedUnder('hold'))[`sweep.overdue ${CUSTOMERS}`]).toMatchObject({ count: 0 });
    expect((await parkedUnder('pause'))[`sweep.overdue ${CUSTOMERS}`]).toMatchObject({ count: 1 });
  });

  test('says nothing of stores that there was no time to look at: 0 would end their alarm', async () => {
    const lines = await linesOf(
      (registry) => put(registry, 'late', { due: '2029-02-02T20:05:00Z' }),
      () => false,
    );
    expect(Object.keys(lines)).toEqual(['sweep.quarantine']);
  });

  test('counts what waits in quarantine, with the age of the oldest', async () => {
    const item = { code: 'EVENT_ID_REUSED', reason: '', sealed: 'x' };
    const lines = await linesOf(async (registry) => {
      await registry.putQuarantined({ id: 'q-1', receivedAt: at('2029-02-05T20:00:00Z'), ...item });
      await registry.putQuarantined({ id: 'q-2', receivedAt: at('2029-02-03T20:05:00Z'), ...item });
    });
    expect(lines['sweep.quarantine']).toEqual({ count: 2, seconds: 48 * 3600 });
  });
});

describe('an hourly sweep', () => {
  async function swept(goOn: () => boolean) {
    const registry = memoryRegistry();
    await registry.moveWatermark(undefined, at('2029-02-05T18:00:00Z'));
    const { report, lines } = memoryReport();
    const clock = memoryClock(at('2029-02-05T20:08:00Z'));
    const ports = { timers: memoryTimers(), queues: memoryQueues(), tokens: randomTokens() };
    await sweepHourly({ ...ports, registry, configuration, clock, report }, goOn);
    return lines.filter(({ code }) => code === 'sweep.caught-up');
  }

  test('that came to its end says so, with the age of the oldest hour that is not settled', async () => {
    // The hours of 18:00 and 19:00 are over on every clock, even for the slowest function; that of 20:00 is not.
    expect(await swept(() => true)).toEqual([{ code: 'sweep.caught-up', fields: { seconds: 480 } }]);
  });

  test('that did not come to its end says nothing: the alarm goes off on this missing data', async () => {
    expect(await swept(() => false)).toEqual([]);
  });
});

describe('a catch-up of the seal', () => {
  async function caughtUp(goOn: () => boolean) {
    const index = memoryLogIndex();
    const chunk = { state: 'pending', store: CUSTOMERS, rules: [], counts: {} } as const;
    await index.putPending({ ...chunk, chunk: '2029-02-05T20/a/0', putAt: at('2029-02-05T20:01:00Z') });
    await index.putPending({ ...chunk, chunk: '2029-02-05T19/b/0', putAt: at('2029-02-05T19:59:00Z') });
    const { report, lines } = memoryReport();
    const ports = { bucket: memoryLogBucket(), index, configuration, clock: memoryClock(at(NOW)), report };
    await seal(ports, { kind: 'seal' }, goOn);
    return lines.filter(({ code }) => code === 'seal.waiting');
  }

  test('tells how many chunks still wait for their writers, and for how long', async () => {
    expect(await caughtUp(() => true)).toEqual([
      { code: 'seal.waiting', fields: { count: 2, seconds: 6 * 60 } },
    ]);
  });

  test('that did not come to its end says nothing', async () => {
    expect(await caughtUp(() => false)).toEqual([]);
  });
});
