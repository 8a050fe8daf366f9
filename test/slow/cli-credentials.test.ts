import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** The command in a separate process, with a home folder that has these files. */
async function tenure(args: readonly string[], env: Record<string, string>, files: Record<string, string>) {
  const home = await mkdtemp(join(tmpdir(), 'tenure-home-'));
  stops.push(() => rm(home, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(home, name), text);
  const command = new URL('../../cli/tenure.ts', import.meta.url).pathname;
  const all = {
    HOME: home,
    PATH: process.env['PATH'] ?? '',
    AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials'),
    AWS_CONFIG_FILE: join(home, 'config'),
    AWS_EC2_METADATA_DISABLED: 'true',
    ...env,
  };
  return new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    const child = execFile(process.execPath, [command, ...args], { env: all }, (_error, out, err) => {
      resolve({ code: child.exitCode, out, err });
    });
  });
}

/** An API that records its callers and rejects all of them, as a gateway's authorizer does. */
async function closedApi() {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(/Credential=([^/]+)\//.exec(request.headers.authorization ?? '')?.[1]);
    response.writeHead(403, { 'content-type': 'application/json' }).end('{"message":"Forbidden"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(async () => server.close());
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('the credentials of the command', () => {
  test('come from the profile that is named', async () => {
    const { asked, url } = await closedApi();
    const credentials = '[audit]\naws_access_key_id = AKIDAUDIT\naws_secret_access_key = not-told\n';
    const run = await tenure(['lanes'], { TENURE_URL: url, AWS_PROFILE: 'audit' }, { credentials });
    expect(asked).toEqual(['AKIDAUDIT']);
    expect(run).toEqual({
      code: 3,
      out: '',
      err: 'FORBIDDEN: The API rejected these credentials: check the credentials and the clock, and that the principal has the managed policy of its role.\n',
    });
  });

  test('come from the environment before any profile', async () => {
    const { asked, url } = await closedApi();
    const env = { TENURE_URL: url, AWS_ACCESS_KEY_ID: 'AKIDENV', AWS_SECRET_ACCESS_KEY: 'not-told' };
    const credentials = '[default]\naws_access_key_id = AKIDFILE\naws_secret_access_key = not-told\n';
    await tenure(['lanes'], env, { credentials });
    expect(asked).toEqual(['AKIDENV']);
  });

  test.each([
    ['a line break in the environment', { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'a\nb' }, {}],
    [
      'a control character in a file',
      {},
      { credentials: '[default]\naws_access_key_id = AKID\u001b[2J\naws_secret_access_key = a\rb\n' },
    ],
    ['a file that is not text', {}, { credentials: '\u0000\u0001[\u001b[2J', config: '[[[[\r=\u009b' }],
    ['a folder as a file', { AWS_SHARED_CREDENTIALS_FILE: tmpdir(), AWS_CONFIG_FILE: tmpdir() }, {}],
    ['a profile of control characters', { AWS_PROFILE: 'x\u001b[2J\r\ny' }, {}],
  ])('with %s are one line without control characters', async (_, env, files) => {
    const { asked, url } = await closedApi();
    const run = await tenure(['lanes'], { TENURE_URL: url, ...env }, files);
    expect(asked).toEqual([]);
    expect(run).toMatchObject({ code: 2, out: '' });
    expect(run.err).toMatch(/^[^\p{Cc}]+\n$/u);
  });

  test('that are nowhere are one line, which says where they could be', async () => {
    const { asked, url } = await closedApi();
    const run = await tenure(['lanes'], { TENURE_URL: url }, {});
    expect(asked).toEqual([]);
    expect(run).toMatchObject({ code: 2, out: '' });
    expect(run.err).toMatch(/^No AWS credentials were found\. Sign in with .*AWS_SECRET_ACCESS_KEY\.\n$/);
  });

  test('that are nowhere are one line of preflight, too, and not one of each thing that it asks', async () => {
    const file = new URL('../../retention.config.ts', import.meta.url).pathname;
    const run = await tenure(['preflight', file], {}, {});
    expect(run).toMatchObject({ code: 2, out: '' });
    expect(run.err).toMatch(/^No AWS credentials were found\. Sign in with .*AWS_SECRET_ACCESS_KEY\.\n$/);
  });

  test('of a profile that does not exist are one line, which names it', async () => {
    const { url } = await closedApi();
    const run = await tenure(['lanes'], { TENURE_URL: url, AWS_PROFILE: 'nobody' }, {});
    expect(run).toMatchObject({ code: 2, out: '' });
    expect(run.err.split('\n')).toHaveLength(2);
    expect(run.err).toContain('nobody');
  });
});
