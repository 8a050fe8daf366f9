import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import type { SweepMessage } from '../../../shared/ports/queues.ts';
import { countedDeployment } from '../../support/counted/counted-deployment.ts';
import { swept } from '../../support/counted/counted-sweeps.ts';
import { demoDeployment } from '../../support/deployment.ts';
import { startTables, type TestTables } from '../../support/registry-table.ts';
import { at } from '../../support/samples.ts';

let tables: TestTables;
let configuration: Configuration;

beforeAll(async () => {
  [tables, configuration] = await Promise.all([startTables(), demoDeployment()]);
});
afterAll(() => tables.stop());

test('a sweep of 1,000 due costs the same among 2,000 and among 20,000 holdings', async () => {
  const few = await swept(tables, configuration, 2000);
  expect(await swept(tables, configuration, 20_000)).toEqual(few);
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
