import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Configuration } from '../../shared/domain/configuration.ts';
import type { SweepMessage } from '../../shared/ports/queues.ts';
import { hintMinute } from '../../shared/protocol/hint.ts';
import { CUSTOMERS } from '../support/contract-lives.ts';
import { countedDeployment, type Requests } from '../support/counted-deployment.ts';
import { demoDeployment } from '../support/deployment.ts';
import { startTables, type TestTables } from '../support/registry-table.ts';
import { aHolding, at } from '../support/samples.ts';

const DUE = 1000;
const DAY = 86_400_000;
const ACT_AT = at('2029-02-01T19:00:00Z');
const WATERMARK = ACT_AT;

let tables: TestTables;
let configuration: Configuration;

beforeAll(async () => {
  [tables, configuration] = await Promise.all([startTables(), demoDeployment()]);
});
afterAll(() => tables.stop());

interface Swept {
  readonly commands: Readonly<Record<string, number>>;
  readonly requests: Requests;
}

/** The wake-up and the next hourly sweep, with 1,000 due among `all` holdings that have a date. */
async function swept(all: number): Promise<{ readonly minute: Swept; readonly hourly: Swept }> {
  const registered = at('2026-02-01T09:00:00Z');
  const minute = hintMinute(ACT_AT, registered, configuration.timing);
  const counted = await countedDeployment(tables, configuration, minute);
  await counted.prepare(registered, async ({ registry }) => {
    for (let n = 0; n < all; n += 1) {
      const actAt = n < DUE ? ACT_AT : ACT_AT + (1 + (n % 700)) * DAY;
      const deadline = actAt + 3 * DAY;
      const hintAt = hintMinute(actAt, registered, configuration.timing);
      const decision = {
        status: 'due',
        policies: 'f'.repeat(32),
        stage: 'delete',
        actAt,
        deadline,
      } as const;
      const holding = aHolding(n, { store: CUSTOMERS, decision, hintAt });
      await registry.putHolding(holding);
      await registry.putHint({ minute: hintAt, holding: holding.ref, deadline });
    }
    await registry.moveWatermark(undefined, WATERMARK);
  });
  const measured = async (sweep: () => Promise<void>): Promise<Swept> => {
    counted.reset();
    await sweep();
    return { commands: counted.counter.requests(), requests: counted.requests() };
  };
  const byMinute = await measured(() => counted.sweep({ kind: 'minute', minute }));
  counted.clock.set(at('2029-02-01T20:05:00Z'));
  return { minute: byMinute, hourly: await measured(() => counted.sweep({ kind: 'hourly' })) };
}

test('a sweep of 1,000 due costs the same among 2,000 and among 20,000 holdings', async () => {
  const few = await swept(2000);
  expect(await swept(20_000)).toEqual(few);
  expect(few.minute.commands).toEqual({ Query: 16, BatchGetItem: 10 });
  expect(few.minute.requests).toEqual({ dynamodb: 26, s3: 0, sqs: 10, all: 36 });
  expect(few.hourly.commands).not.toHaveProperty('Scan');
}, 240_000);

test('of all that the sweep is asked to do, only re-planning and the proof scan; nothing is a transaction', async () => {
  const counted = await countedDeployment(tables, configuration, at('2029-02-01T20:05:00Z'));
  const commandsOf = async (message: SweepMessage): Promise<string[]> => {
    counted.reset();
    await counted.sweep(message);
    return Object.keys(counted.counter.requests());
  };
  const others: readonly SweepMessage[] = [
    { kind: 'minute', minute: at('2029-02-01T20:05:00Z') },
    { kind: 'hourly' },
    { kind: 'weekly' },
    { kind: 'release', hold: 'pause-1' },
  ];
  for (const message of others) expect(await commandsOf(message)).not.toContain('Scan');
  expect(await commandsOf({ kind: 're-plan', run: 'run-1', segment: 0 })).toContain('Scan');
  expect(await commandsOf({ kind: 'proof', run: 'run-2', segment: 0 })).toContain('Scan');
});
