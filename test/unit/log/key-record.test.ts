import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { runCli } from '../../../cli/run-cli.ts';
import { sealHandler } from '../../../functions/seal/handler.ts';
import { ssmKeyRecord } from '../../../shared/adapters/signing/ssm-key-record.ts';
import { vkeyOf } from '../../../shared/domain/log/note.ts';
import { recordKey } from '../../../shared/protocol/log/record-key.ts';
import { logWorld, type LogWorld } from '../../support/log/log-world.ts';
import { testKey } from '../../support/log/note-keys.ts';
import { testSigner } from '../../support/log/test-signer.ts';

const NAME = '/tenure/log-keys/tenure';
const VKEY = vkeyOf(testKey('tenure/deletion-log', 7).key);

const stops: (() => unknown)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** Systems Manager with one parameter. */
async function systemsManager(value?: string, status = 200) {
  const kept = { value, writes: 0 };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const input = JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>;
      const isWrite = request.headers['x-amz-target'] === 'AmazonSSM.PutParameter';
      if (isWrite && status === 200) {
        kept.value = String(input['Value']);
        kept.writes += 1;
      }
      const Parameters = kept.value === undefined ? [] : [{ Name: NAME, Value: kept.value }];
      response.writeHead(status).end(JSON.stringify(isWrite ? { Version: 1 } : { Parameters }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => server.close());
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = async () => ({ accessKeyId: 'any', secretAccessKey: 'any' });
  return { kept, endpoint, record: ssmKeyRecord({ region: 'eu-central-1', credentials, endpoint }, NAME) };
}

const message = { Records: [{ messageId: '1', body: '{"kind":"seal"}' }] } as Parameters<
  ReturnType<typeof sealHandler>
>[0];
const core = (w: LogWorld, keyRecord: ReturnType<typeof ssmKeyRecord>) => ({ ...w.core, keyRecord });

describe('the seal', () => {
  test.each([
    ['nothing', undefined, 1],
    ['another key', 'other', 1],
    ['its key', VKEY, 0],
  ])('finds %s in the parameter, and afterwards its verifier key is there', async (_, value, writes) => {
    const { kept, record } = await systemsManager(value);
    const w = logWorld();
    expect(await recordKey(core(w, record))).toBe(true);
    expect(kept).toEqual({ value: VKEY, writes });
  });

  test('writes later keys on lines of their own, before they sign', async () => {
    const { kept, record } = await systemsManager(VKEY);
    const w = logWorld();
    const laterKeys = [{ signer: testSigner(undefined, 8), from: Infinity }];
    expect(await recordKey({ ...core(w, record), laterKeys })).toBe(true);
    expect(kept.value).toBe(`${VKEY}\n${vkeyOf(testKey('tenure/deletion-log', 8).key)}`);
  });

  test('signs all the same when the parameter cannot be written, reports it, and tries again', async () => {
    const { record } = await systemsManager(undefined, 400);
    const w = logWorld();
    await w.result(2);
    const handle = sealHandler(core(w, record));
    for (const run of [1, 2]) {
      expect(await handle(message)).toEqual({ batchItemFailures: [] });
      expect(w.reports.lines.filter(({ code }) => code === 'seal.key-not-recorded')).toHaveLength(run);
    }
    expect(w.bucket.allCheckpoints()).toHaveLength(1);
  });

  test('asks once in a process', async () => {
    const w = logWorld();
    let reads = 0;
    const read = async () => {
      reads += 1;
      return VKEY;
    };
    const handle = sealHandler(core(w, { read, write: async () => undefined }));
    await handle(message);
    await handle(message);
    expect(reads).toBe(1);
  });
});

async function cli(endpoint: string, ...args: readonly string[]) {
  const written = { out: '', err: '' };
  const into = (name: 'out' | 'err') =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        written[name] += chunk.toString();
        done();
      },
    });
  const code = await runCli(['log', 'key', ...args], {
    env: { AWS_REGION: 'eu-central-1', AWS_ENDPOINT_URL_SSM: endpoint },
    credentials: async () => ({ accessKeyId: 'any', secretAccessKey: 'any' }),
    stdin: (async function* () {})(),
    stdout: into('out'),
    stderr: into('err'),
    now: () => 0,
  });
  return { code, ...written };
}

describe('tenure log key', () => {
  test('prints the key, and says that it has to be compared', async () => {
    const { endpoint } = await systemsManager(VKEY);
    const { code, out, err } = await cli(endpoint);
    expect({ code, out }).toEqual({ code: 0, out: `${VKEY}\n` });
    expect(err).toContain('Compare the key with the one that the operator published elsewhere');
  });

  test.each([
    ['is not there', undefined, 200, 'There is no parameter /tenure/log-keys/tenure'],
    ['has something else', 'hello', 200, 'is not a key of a log'],
    ['may not be read', VKEY, 400, 'could not be read (HTTP 400)'],
  ])('says what to do if the parameter %s', async (_, value, status, text) => {
    const { endpoint } = await systemsManager(value, status);
    const { code, err } = await cli(endpoint);
    expect(code).not.toBe(0);
    expect(err).toContain(text);
  });
});
