import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { tenureClient, type ClientOptions } from '../../../shared/client/client.ts';
import { ClientError } from '../../../shared/client/client-error.ts';
import { problem } from '../../../shared/contract/problem.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

const quota = (seconds: number) =>
  new Response(JSON.stringify(problem('QUOTA_EXCEEDED')), {
    status: 429,
    headers: { 'content-type': 'application/problem+json', 'retry-after': String(seconds) },
  });
/** As API Gateway answers above the limit of a route: without a time. */
const throttled = () => new Response('{"message":"Too Many Requests"}', { status: 429 });
const lanes = () => Response.json({ lanes: [] });

function clientWith(answers: (() => Response)[], options: Partial<ClientOptions> = {}) {
  const sent: string[] = [];
  const waits: number[] = [];
  const client = tenureClient({
    url: 'https://api.execute-api.eu-central-1.amazonaws.com',
    credentials: () => ({ accessKeyId: 'a', secretAccessKey: 's' }),
    waiting: (seconds) => void waits.push(seconds),
    async fetch(_, init) {
      sent.push(new Headers(init?.headers).get('authorization') ?? '');
      return (answers.shift() ?? lanes)();
    },
    ...options,
  });
  return { client, sent, waits };
}

/** Lets the time pass that the client waits; a signature needs real time. */
async function ended<Answer>(asked: Promise<Answer>): Promise<Answer | ClientError> {
  let isOver = false;
  const settled = asked
    .catch((error: unknown) => {
      if (error instanceof ClientError) return error;
      throw error;
    })
    .finally(() => (isOver = true));
  while (!isOver) {
    await new Promise((resolve) => setImmediate(resolve));
    await vi.advanceTimersByTimeAsync(1000);
  }
  return settled;
}

describe('a request that the API answers with 429', () => {
  test('is sent again after the time that the API says, signed again', async () => {
    const { client, sent, waits } = clientWith([() => quota(7)]);
    expect(await ended(client.listLanes())).toEqual({ lanes: [] });
    expect(waits).toEqual([7]);
    expect(sent).toHaveLength(2);
    expect(new Set(sent).size).toBe(2);
  });

  test('is sent again every second where no time is said, for ten seconds', async () => {
    const { client, sent, waits } = clientWith(Array.from({ length: 20 }, () => throttled));
    const error = await ended(client.listLanes());
    expect(error).toMatchObject({ code: 'TOO_MANY_REQUESTS', status: 429 });
    expect(waits).toHaveLength(10);
    expect(sent).toHaveLength(11);
  });

  test('fails with the time if that is longer than the caller wants to wait', async () => {
    const { client, sent } = clientWith([() => quota(2400)]);
    expect(await ended(client.listLanes())).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      status: 429,
      retryAfterSeconds: 2400,
    });
    expect(sent).toHaveLength(1);
  });

  test('waits for the next hour if the caller wants that, as the command does', async () => {
    const { client, waits } = clientWith([() => quota(2400)], { longestWait: 3_600_000 });
    expect(await ended(client.listLanes())).toEqual({ lanes: [] });
    expect(waits).toEqual([2400]);
  });
});
