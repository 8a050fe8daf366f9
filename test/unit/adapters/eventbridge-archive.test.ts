import { DescribeArchiveCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { SQSEvent } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, test } from 'vitest';
import { sweepHandler } from '../../../functions/sweep/handler.ts';
import { eventBridgeArchive } from '../../../shared/adapters/eventbridge-archive.ts';
import { memoryQueues } from '../../../shared/adapters/memory/memory-queues.ts';
import { memoryKeys } from '../../../shared/adapters/memory/memory-keys.ts';
import type { Archive } from '../../../shared/ports/archive.ts';
import { loadDemo } from '../../../local/story/load-demo.ts';
import { memoryPorts } from '../../support/memory-ports.ts';
import { reportArchive } from '../../../shared/protocol/waiting-too-long.ts';

const NOW = Date.parse('2026-03-01T00:05:00Z');
const HOUR = 3_600_000;

function archiveThat(answer: object | Error): Archive {
  const client = new EventBridgeClient({ region: 'eu-central-1' });
  const command = mockClient(client).on(DescribeArchiveCommand, { ArchiveName: 'tenure' });
  if (answer instanceof Error) command.rejects(answer);
  else command.resolves(answer);
  return eventBridgeArchive(client, 'tenure');
}
const named = (name: string): Error => Object.assign(new Error('secret'), { name });
const aged = (hours: number): Date => new Date(NOW - hours * HOUR);

describe('the archive of the bus', () => {
  test.each([
    ['is enabled and has events', { State: 'ENABLED', EventCount: 7, CreationTime: aged(900) }, 'working'],
    ['is new and empty', { State: 'ENABLED', EventCount: 0, CreationTime: aged(47) }, 'working'],
    ['is being made', { State: 'CREATING' }, 'working'],
    ['is being changed', { State: 'UPDATING', EventCount: 7, CreationTime: aged(900) }, 'working'],
    ['is empty after two days', { State: 'ENABLED', EventCount: 0, CreationTime: aged(49) }, 'stopped'],
    ['is disabled', { State: 'DISABLED', EventCount: 7, CreationTime: aged(900) }, 'stopped'],
    ['could not be made', { State: 'CREATE_FAILED' }, 'stopped'],
    ['could not be changed', { State: 'UPDATE_FAILED', EventCount: 7 }, 'stopped'],
    ['is not there', named('ResourceNotFoundException'), 'stopped'],
  ])('%s', async (_, answer, state) => {
    expect(await archiveThat(answer).state(NOW)).toBe(state);
  });

  test('is looked at in the first part of the daily census, and in no hourly run', async () => {
    let looks = 0;
    const archive: Archive = {
      state: async () => {
        looks += 1;
        return 'working';
      },
    };
    const ports = memoryPorts(await loadDemo(), NOW);
    const handle = sweepHandler(
      { ...ports, keys: memoryKeys(), report: () => undefined, queues: memoryQueues() },
      { archive },
    );
    const send = (body: object) =>
      handle({ Records: [{ messageId: '1', body: JSON.stringify(body) }] } as unknown as SQSEvent);
    const walk = (walkId: string, segment: number) => send({ kind: 'walk', walk: walkId, segment });
    await send({ kind: 'hourly' });
    await send({ kind: 'wake' });
    await walk('census/2026-03-01', 1);
    expect(looks).toBe(0);
    await walk('census/2026-03-01', 0);
    expect(looks).toBe(1);
  });

  test('that cannot be looked at throws', async () => {
    const archive = archiveThat(named('AccessDeniedException'));
    await expect(archive.state(NOW)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test.each([
    ['works: nothing is said', { State: 'ENABLED', EventCount: 7 }, []],
    [
      'has stopped: it is what waits too long',
      { State: 'DISABLED' },
      [['sweep.waiting-too-long', { code: 'archive-stopped', count: 1 }]],
    ],
    [
      'cannot be looked at: the sweep says so, with the code that sets off an alarm',
      named('AccessDeniedException'),
      [['sweep.failed', { code: 'AccessDeniedException' }]],
    ],
  ])('%s', async (_, answer, lines) => {
    const said: unknown[] = [];
    const report = (...line: unknown[]): void => void said.push(line);
    await reportArchive({ clock: { now: () => NOW }, report }, archiveThat(answer));
    expect(said).toEqual(lines);
  });
});
