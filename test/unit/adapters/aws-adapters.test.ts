import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, test } from 'vitest';
import { eventBridgeBus } from '../../../shared/adapters/eventbridge-bus.ts';
import { memoryReport } from '../../../shared/adapters/memory/memory-report.ts';
import { s3LogBucket } from '../../../shared/adapters/s3-log-bucket.ts';
import { schedulerTimers } from '../../../shared/adapters/scheduler-timers.ts';
import { declaredOnly } from '../../../shared/runtime/report.ts';
import { at } from '../../support/samples.ts';

/** An error as the SDK throws it. */
function sdkError(name: string, httpStatusCode: number): Error {
  return Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });
}

describe('the EventBridge bus', () => {
  const options = { busName: 'tenure', source: 'tenure.api', report: memoryReport().report };
  /** A bus, and what it reports. */
  function reporting(client: EventBridgeClient) {
    const { report, lines } = memoryReport();
    return { bus: eventBridgeBus(client, { ...options, report }), lines };
  }
  const details = (count: number, detail = '{}'): { type: string; detail: string }[] =>
    Array.from({ length: count }, (_, n) => ({ type: `type-${n}`, detail }));
  const durable = (count: number): { EventId: string }[] =>
    Array.from({ length: count }, () => ({ EventId: 'id' }));

  test('publishes ten entries a request, under the bus and source it was given', async () => {
    const client = new EventBridgeClient();
    const mock = mockClient(client);
    mock.on(PutEventsCommand).callsFake(({ Entries }) => ({ Entries: durable(Entries.length) }));
    expect(await eventBridgeBus(client, options).publish(details(25))).toEqual(
      Array.from({ length: 25 }, () => 'durable'),
    );
    const requests = mock.commandCalls(PutEventsCommand).map(({ args }) => args[0].input.Entries ?? []);
    expect(requests.map(({ length }) => length)).toEqual([10, 10, 5]);
    expect(requests[2]?.[4]).toEqual({
      EventBusName: 'tenure',
      Source: 'tenure.api',
      DetailType: 'type-24',
      Detail: '{}',
    });
  });

  test('nothing to publish makes no request', async () => {
    const client = new EventBridgeClient();
    const mock = mockClient(client);
    expect(await eventBridgeBus(client, options).publish([])).toEqual([]);
    expect(mock.calls()).toHaveLength(0);
  });

  test('keeps a request within 256 KB, counted in bytes', async () => {
    const client = new EventBridgeClient();
    const mock = mockClient(client);
    mock.on(PutEventsCommand).callsFake(({ Entries }) => ({ Entries: durable(Entries.length) }));
    await eventBridgeBus(client, options).publish(details(4, 'ä'.repeat(60_000)));
    const sizes = mock.commandCalls(PutEventsCommand).map(({ args }) => args[0].input.Entries?.length);
    expect(sizes).toEqual([2, 2]);
  });

  test('an entry that no request can carry is failed, and the others are published', async () => {
    const client = new EventBridgeClient();
    const mock = mockClient(client);
    mock.on(PutEventsCommand).callsFake(({ Entries }) => ({ Entries: durable(Entries.length) }));
    const [first, second] = details(2);
    const huge = { type: 'huge', detail: 'x'.repeat(256 * 1024 + 1) };
    const { bus, lines } = reporting(client);
    const answers = await bus.publish([first ?? huge, huge, second ?? huge]);
    expect(answers).toEqual(['durable', 'failed', 'durable']);
    expect(lines).toEqual([{ code: 'bus.refused', fields: { code: 'ENTRY_TOO_LARGE', count: 1 } }]);
  });

  test('an entry that the bus refused is sent once more, alone', async () => {
    const client = new EventBridgeClient();
    const mock = mockClient(client);
    mock
      .on(PutEventsCommand)
      .resolvesOnce({
        FailedEntryCount: 1,
        Entries: [{ EventId: 'a' }, { ErrorCode: 'ThrottlingException' }, { EventId: 'c' }],
      })
      .resolvesOnce({ FailedEntryCount: 0, Entries: [{ EventId: 'b' }] });
    const answers = await eventBridgeBus(client, options).publish(details(3));
    expect(answers).toEqual(['durable', 'durable', 'durable']);
    const retried = mock.commandCalls(PutEventsCommand)[1]?.args[0].input.Entries;
    expect(retried?.map(({ DetailType }) => DetailType)).toEqual(['type-1']);
  });

  test('an entry that is refused twice is failed', async () => {
    const client = new EventBridgeClient();
    const mock = mockClient(client);
    mock
      .on(PutEventsCommand)
      .resolvesOnce({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure' }, { EventId: 'b' }] })
      .resolves({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure' }] });
    const answers = await eventBridgeBus(client, options).publish(details(2));
    expect(answers).toEqual(['failed', 'durable']);
    expect(mock.calls()).toHaveLength(2);
  });

  test('the code of each refusal is reported as it is, and only of what is not durable in the end', async () => {
    const client = new EventBridgeClient();
    const mock = mockClient(client);
    const refusal = (ErrorCode: string) => ({ ErrorCode, ErrorMessage: 'never looked at' });
    const codes = [
      'ThrottlingException',
      'NotAuthorizedForSourceException',
      'SomethingNew.v2',
      'SomethingNew.v2',
    ];
    mock
      .on(PutEventsCommand)
      .resolvesOnce({ Entries: [...codes.map(refusal), { EventId: 'e' }, {}] })
      .resolvesOnce({ Entries: [{ EventId: 'a' }, ...codes.slice(1).map(refusal), {}] });
    const { bus, lines } = reporting(client);
    expect(await bus.publish(details(6))).toEqual([
      'durable',
      'failed',
      'failed',
      'failed',
      'durable',
      'failed',
    ]);
    expect(lines).toEqual([
      { code: 'bus.refused', fields: { code: 'NotAuthorizedForSourceException', count: 1 } },
      { code: 'bus.refused', fields: { code: 'SomethingNew.v2', count: 2 } },
      { code: 'bus.refused', fields: { code: 'UNKNOWN', count: 1 } },
    ]);
    for (const { fields } of lines) expect(declaredOnly(fields)).toEqual(fields);
  });

  test('a request that breaks fails its entries only, and throws when nothing at all is durable', async () => {
    const client = new EventBridgeClient();
    const mock = mockClient(client);
    const denied = sdkError('AccessDeniedException', 400);
    mock
      .on(PutEventsCommand)
      .resolvesOnce({ Entries: durable(10) })
      .rejects(denied);
    const { bus, lines } = reporting(client);
    expect(await bus.publish(details(12))).toEqual([
      ...Array<string>(10).fill('durable'),
      'failed',
      'failed',
    ]);
    await expect(bus.publish(details(2))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const refused = { code: 'bus.refused', fields: { code: 'AccessDeniedException', count: 2 } };
    expect(lines).toEqual([refused, refused]);
  });
});

describe('the scheduler', () => {
  const minute = at('2026-03-01T10:05:00Z');
  function warmInstance() {
    const client = new SchedulerClient();
    const mock = mockClient(client);
    const { report, lines } = memoryReport();
    const options = {
      group: 'tenure',
      targetArn: 'arn:aws:sqs:eu-central-1:111122223333:sweep',
      roleArn: 'arn:aws:iam::111122223333:role/wake',
      deadLetterArn: 'arn:aws:sqs:eu-central-1:111122223333:wake-dlq',
      report,
    };
    return { timers: schedulerTimers(client, options), lines, mock };
  }

  test('makes one schedule for the minute, which deletes itself', async () => {
    const { timers, mock } = warmInstance();
    await timers.wake(minute);
    expect(mock.commandCalls(CreateScheduleCommand)[0]?.args[0].input).toEqual({
      Name: 'due-20260301T1005',
      GroupName: 'tenure',
      ScheduleExpression: 'at(2026-03-01T10:05:00)',
      ScheduleExpressionTimezone: 'UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      ActionAfterCompletion: 'DELETE',
      Target: {
        Arn: 'arn:aws:sqs:eu-central-1:111122223333:sweep',
        RoleArn: 'arn:aws:iam::111122223333:role/wake',
        Input: JSON.stringify({ kind: 'wake' }),
        DeadLetterConfig: { Arn: 'arn:aws:sqs:eu-central-1:111122223333:wake-dlq' },
        RetryPolicy: { MaximumEventAgeInSeconds: 3600 },
      },
    });
  });

  test('a warm instance asks for a minute once', async () => {
    const { timers, mock } = warmInstance();
    await timers.wake(minute);
    await timers.wake(minute);
    await timers.wake(minute + 60_000);
    expect(mock.calls()).toHaveLength(2);
  });

  test('a schedule that is there already is fine and says nothing', async () => {
    const { timers, lines, mock } = warmInstance();
    mock.on(CreateScheduleCommand).rejects(sdkError('ConflictException', 409));
    await timers.wake(minute);
    await timers.wake(minute);
    expect(mock.calls()).toHaveLength(1);
    expect(lines).toEqual([]);
  });

  test('a schedule that is refused is reported, never thrown, and asked for again next time', async () => {
    const { timers, lines, mock } = warmInstance();
    mock.on(CreateScheduleCommand).rejectsOnce(sdkError('ServiceQuotaExceededException', 402)).resolves({});
    await timers.wake(minute);
    expect(lines).toEqual([{ code: 'timers.refused', fields: { code: 'ServiceQuotaExceededException' } }]);
    await timers.wake(minute);
    expect(mock.calls()).toHaveLength(2);
    expect(lines).toHaveLength(1);
  });
});

describe('the S3 log bucket', () => {
  const bytes = new TextEncoder().encode('{"v":1}\n');

  test('puts only where nothing is', async () => {
    const client = new S3Client();
    const mock = mockClient(client);
    mock.on(PutObjectCommand).resolves({ ETag: '"e"' });
    expect(await s3LogBucket(client, 'log').putIfAbsent('chunks/a/0', bytes)).toBe('written');
    expect(mock.commandCalls(PutObjectCommand)[0]?.args[0].input).toEqual({
      Bucket: 'log',
      Key: 'chunks/a/0',
      Body: bytes,
      IfNoneMatch: '*',
    });
  });

  test('what is answered without an ETag does not count as written', async () => {
    const client = new S3Client();
    mockClient(client).on(PutObjectCommand).resolves({});
    const bucket = s3LogBucket(client, 'log');
    await expect(bucket.putIfAbsent('chunks/a/0', bytes)).rejects.toThrow('without an ETag');
    await expect(bucket.putCheckpoint('text', undefined)).rejects.toThrow('without an ETag');
  });

  test('an object that is there is left as it is', async () => {
    const client = new S3Client();
    const mock = mockClient(client);
    mock.on(PutObjectCommand).rejects(sdkError('PreconditionFailed', 412));
    expect(await s3LogBucket(client, 'log').putIfAbsent('chunks/a/0', bytes)).toBe('exists');
  });

  test('a conflict with another writer is tried again until one has won', async () => {
    const client = new S3Client();
    const mock = mockClient(client);
    const conflict = sdkError('ConditionalRequestConflict', 409);
    mock
      .on(PutObjectCommand)
      .rejectsOnce(conflict)
      .rejectsOnce(conflict)
      .rejects(sdkError('PreconditionFailed', 412));
    expect(await s3LogBucket(client, 'log').putIfAbsent('chunks/a/0', bytes)).toBe('exists');
    expect(mock.calls()).toHaveLength(3);
  });

  test('any other error is thrown', async () => {
    const client = new S3Client();
    const mock = mockClient(client);
    mock.on(PutObjectCommand).rejects(sdkError('AccessDenied', 403));
    mock.on(ListObjectVersionsCommand).rejects(sdkError('AccessDenied', 403));
    const bucket = s3LogBucket(client, 'log');
    await expect(bucket.putIfAbsent('chunks/a/0', bytes)).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(bucket.get('chunks/a/0')).rejects.toMatchObject({ name: 'AccessDenied' });
    expect(mock.calls()).toHaveLength(2);
  });

  /** Listed as S3 does: a key after the other, and of each the newest version first. */
  function listing(...pages: readonly (readonly (readonly [key: string, version: string])[])[]) {
    const client = new S3Client();
    const mock = mockClient(client);
    pages.forEach((page, index) => {
      const [lastKey, lastVersion] = page.at(-1) ?? [];
      mock
        .on(ListObjectVersionsCommand, index === 0 ? {} : { VersionIdMarker: pages[index - 1]?.at(-1)?.[1] })
        .resolves({
          Versions: page.map(([Key, VersionId]) => ({ Key, VersionId })),
          DeleteMarkers: [{ Key: 'chunks/a/0', VersionId: 'marker' }],
          IsTruncated: index < pages.length - 1,
          ...(index < pages.length - 1 && {
            NextKeyMarker: lastKey,
            NextVersionIdMarker: lastVersion,
          }),
        });
    });
    mock.on(GetObjectCommand).callsFake(({ VersionId }: { VersionId: string }) => ({
      Body: { transformToByteArray: async () => new TextEncoder().encode(VersionId) },
    }));
    return { mock, read: async (key: string) => decoded(await s3LogBucket(client, 'log').get(key)) };
  }
  const decoded = (read: Uint8Array | undefined) => read && new TextDecoder().decode(read);

  test('reads the version that was put first, whatever came later and whatever hides it', async () => {
    const key = 'chunks/a/0';
    expect(await listing([[key, 'v1']]).read(key)).toBe('v1');
    const many = listing(
      [
        [key, 'v3'],
        [key, 'v2'],
      ],
      [
        [key, 'v1'],
        [`${key}0`, 'w'],
      ],
    );
    expect(await many.read(key)).toBe('v1');
    expect(many.mock.commandCalls(GetObjectCommand)[0]?.args[0].input).toEqual({
      Bucket: 'log',
      Key: key,
      VersionId: 'v1',
    });
  });

  test('finds nothing where nothing was ever put, though longer keys are there', async () => {
    const { mock, read } = listing([['chunks/a/10', 'v1']]);
    expect(await read('chunks/a/1')).toBeUndefined();
    expect(mock.commandCalls(GetObjectCommand)).toEqual([]);
  });

  test('takes an answer that does not say where the list ends for no list', async () => {
    const client = new S3Client({ region: 'eu-central-1' });
    const mock = mockClient(client);
    mock.on(ListObjectVersionsCommand).resolves({});
    const bucket = s3LogBucket(client, 'log');
    await expect(bucket.get('entries/0')).rejects.toThrow('where the list ends');
    await expect(bucket.checkpoint()).rejects.toThrow('where the list ends');
  });

  test('reads no further page when the key has no more versions', async () => {
    const { mock, read } = listing(
      [
        ['chunks/a/1', 'v1'],
        ['chunks/a/10', 'w'],
      ],
      [['chunks/a/11', 'w']],
    );
    expect(await read('chunks/a/1')).toBe('v1');
    expect(mock.commandCalls(ListObjectVersionsCommand)).toHaveLength(1);
  });
});
