import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { credentialsOf, servedWorld } from '../../support/api-server.ts';
import { apiWorld } from '../../support/api-world.ts';
import { tenure } from '../../support/run-tenure.ts';

let server: Awaited<ReturnType<typeof servedWorld>>;
beforeEach(async () => {
  server = await servedWorld(apiWorld());
});
afterEach(() => server.stop());

async function run(...args: readonly string[]) {
  const { accessKeyId, secretAccessKey } = credentialsOf('operator');
  const env = {
    TENURE_URL: server.url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  return tenure(args, env, () => server.clock.now());
}
const json = async (...args: readonly string[]) => {
  const { out, err, code } = await run('--json', ...args);
  if (code > 1) throw new Error(err);
  return JSON.parse(out) as {
    request: { request: string; state: string };
    dryRun: boolean;
    requests: unknown[];
  };
};
const erase = (id: string, ...more: readonly string[]) => [
  'request',
  'erase',
  'person',
  'p-1',
  '--id',
  id,
  ...more,
];

describe('tenure request', () => {
  test('is a dry run without --execute, and files with it', async () => {
    const dry = await run(...erase('t-1'));
    expect(dry.code).toBe(0);
    expect(dry.err).toContain('Run it again with --execute');
    expect(server.registry.allRequests()).toEqual([]);
    const real = await json(...erase('t-1', '--execute', '--jurisdiction', 'DE'));
    expect(real).toMatchObject({
      dryRun: false,
      request: { state: 'running', jurisdiction: 'DE' },
      holdings: [],
    });
    expect(server.registry.allRequests()).toHaveLength(1);
  });

  test('passes on what the options say', async () => {
    const asked = await json(
      'request',
      'restrict',
      'person',
      'p-2',
      '--id',
      't-2',
      '--forbids-deletion',
      '--identity-open',
      '--category',
      'profile, registration',
      '--received-at',
      '2026-02-27T10:00:00Z',
      '--requested-by',
      'a parent',
    );
    expect(asked.request).toMatchObject({
      kind: 'restrict',
      state: 'awaiting-identity',
      forbidsDeletion: true,
      scope: { categories: ['profile', 'registration'] },
      receivedAt: '2026-02-27T10:00:00.000Z',
      requestedBy: 'a parent',
    });
    const both = await run(...erase('t-3', '--category', 'profile', '--purpose', 'service'));
    expect([both.code, both.err]).toEqual([2, expect.stringContaining('Give one of')]);
  });

  test('lists, shows, and takes steps only with --execute', async () => {
    const { request } = (await json(...erase('t-4', '--execute'))).request;
    expect((await run('request', 'list')).out).toContain(request);
    const dry = await run('request', 'extend', request, '--reason', 'The archive is large.');
    expect([dry.code, dry.err]).toEqual([0, expect.stringContaining('again with --execute')]);
    const real = await json('request', 'extend', request, '--reason', 'The archive is large.', '--execute');
    expect(real.request).toMatchObject({ state: 'extended' });
    const page = await run('request', 'show', request, '--html');
    // Line ends are line ends, not escapes of them.
    expect(page.out).toMatch(/^<!doctype html>\n<html lang="en">\n[^]*<\/html>\n$/);
    expect(page.out).not.toContain(String.raw`\u`);
    expect(page.out).not.toContain('p-1');
    expect(JSON.parse((await run('request', 'show', request, '--text')).out)).toMatchObject({
      title: 'Your request to delete your data',
    });
    expect((await json('request', 'cancel', request, '--execute')).request.state).toBe('cancelled');
    expect((await run('request', 'list')).out).not.toContain(request);
  });

  test('ends with 1 where a request is overdue', async () => {
    await json(...erase('t-5', '--execute', '--received-at', '2025-12-01T10:00:00Z'));
    const list = await run('request', 'list');
    expect([list.code, list.out]).toEqual([1, expect.stringContaining('(overdue)')]);
  });
});
