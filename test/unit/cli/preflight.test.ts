import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { loadPreflight } from '../../../cli/preflight/preflight-config.ts';
import { checkQuotas } from '../../../cli/preflight/preflight-quotas.ts';
import example from '../../../retention.config.ts';
import { tenure } from '../../support/run-tenure.ts';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

const retention = new URL('../../../retention.config.ts', import.meta.url).pathname;
const credentials = async () => ({ accessKeyId: 'any', secretAccessKey: 'any' });

/** Service Quotas with these values, one quota per page. */
async function quotas(values: Readonly<Record<string, readonly [string, number][]>>, status = 200) {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const input = JSON.parse(Buffer.concat(parts).toString()) as {
        ServiceCode: string;
        NextToken?: string;
      };
      const all = values[input.ServiceCode] ?? [];
      const place = Number(input.NextToken ?? 0);
      const Quotas = all.slice(place, place + 1).map(([QuotaName, Value]) => ({ QuotaName, Value }));
      const next = place + 1 < all.length ? { NextToken: String(place + 1) } : {};
      response.writeHead(status).end(JSON.stringify({ Quotas, ...next }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(async () => server.close());
  return {
    region: 'eu-central-1',
    credentials,
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  };
}

const ENOUGH: Readonly<Record<string, readonly [string, number][]>> = {
  lambda: [
    ['Function and layer storage', 75],
    ['Concurrent executions', 1000],
  ],
  scheduler: [['Number of schedules', 1_000_000]],
  dynamodb: [['Table-level write throughput limit', 40_000]],
};

describe('quotas', () => {
  test('that are enough have nothing to say', async () => {
    const { configuration } = await loadPreflight(retention);
    expect(await checkQuotas({ configuration, reserved: 900 }, await quotas(ENOUGH))).toEqual([]);
  });

  test('that are too small say what is needed, and what would happen', async () => {
    const { configuration } = await loadPreflight(retention);
    const place = await quotas({ ...ENOUGH, lambda: [['Concurrent executions', 10]] });
    expect(await checkQuotas({ configuration, reserved: 0 }, place)).toEqual([
      {
        severity: 'fails',
        where: 'lambda',
        message: expect.stringMatching(
          /"Concurrent executions" is 10, but at least \d+ is required: functions would be throttled/,
        ),
      },
    ]);
  });

  test('that cannot give what the configuration reserves say how much that is', async () => {
    const { configuration } = await loadPreflight(retention);
    const found = await checkQuotas({ configuration, reserved: 901 }, await quotas(ENOUGH));
    expect(found).toEqual([
      {
        severity: 'fails',
        where: 'lambda',
        message:
          'the quota "Concurrent executions" is 1000, but at least 1001 is required: the configuration reserves 901, and AWS keeps 100 unreserved, so the deployment would fail; reserve less, or request an increase',
      },
    ]);
  });

  test('are compared with the reserved concurrency of lanes and of the other functions together', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tenure-preflight-'));
    stops.push(() => rm(folder, { recursive: true }));
    const root = new URL('../../../', import.meta.url).pathname;
    const policies = example.policies.map((path) => relative(folder, join(root, path)));
    const deployment = { ...example.deployment, concurrency: { api: 50, ingest: 20 } };
    const file = join(folder, 'retention.json');
    await writeFile(file, JSON.stringify({ ...example, policies, deployment }));
    const ofLanes = Object.values(example.stores).map(({ lane }) => lane?.concurrency ?? 0);
    expect(ofLanes.filter((each) => each > 0)).toEqual([2, 2]);
    expect((await loadPreflight(file)).reserved).toBe(2 + 2 + 50 + 20);
  });

  test('that may not be read are unknown, with the permission that is missing', async () => {
    const { configuration } = await loadPreflight(retention);
    const found = await checkQuotas({ configuration, reserved: 900 }, await quotas(ENOUGH, 400));
    expect(found.map(({ severity, where }) => `${severity} ${where}`)).toEqual([
      'unknown lambda',
      'unknown scheduler',
      'unknown dynamodb',
    ]);
    expect(found[0]?.message).toContain('servicequotas:ListServiceQuotas');
  });
});

describe('the configuration', () => {
  test('is compiled as a deployment does, with what lanes need beside it', async () => {
    const { region, configuration, lanes } = await loadPreflight(retention);
    expect(region).toBe('eu-central-1');
    expect(Object.keys(lanes)).toEqual(Object.keys(configuration.stores));
  });

  test('that is not there, or wrong, is a usage error that names the field', async () => {
    const missing = await tenure(['preflight', '/nowhere/retention.config.ts']);
    expect(missing).toMatchObject({ code: 2, out: '' });
    expect(missing.err).toMatch(/^\/nowhere\/retention\.config\.ts could not be read: pass the file/);
    const folder = await mkdtemp(join(tmpdir(), 'tenure-preflight-'));
    stops.push(() => rm(folder, { recursive: true }));
    const file = join(folder, 'retention.json');
    await writeFile(file, JSON.stringify({ policies: [], stores: {} }));
    expect((await tenure(['preflight', file])).err).toMatch(
      /is not a valid deployment configuration: deployment/,
    );
  });

  test.for([
    ['syntax.config.ts', 'export default {', /^\S+ could not be loaded \(\w+\): `node \S+` shows where\./],
    ['import.config.ts', "import 'no-such-package';", /^\S+ could not be loaded \(ERR_MODULE_NOT_FOUND\): /],
    [
      'named.config.ts',
      'export const retention = {};',
      /^\S+ has no configuration as its default export\.\n$/,
    ],
    ['retention.json', '{ "policies": [] "stores": {} }', /^\S+:1:18 is not valid JSON: correct it\.\n$/],
  ] as const)('that cannot be loaded says why: %s', async ([name, text, said]) => {
    const folder = await mkdtemp(join(tmpdir(), 'tenure-preflight-'));
    stops.push(() => rm(folder, { recursive: true }));
    const file = join(folder, name);
    await writeFile(file, text);
    const run = await tenure(['preflight', file]);
    expect(run).toMatchObject({ code: 2, out: '' });
    expect(run.err).toMatch(said);
  });

  test('whose keys a store cannot have is a usage error that names the field', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tenure-preflight-'));
    stops.push(() => rm(folder, { recursive: true }));
    const keys = ['folder', 'file'].map((name) => ({ name, type: 'text' }));
    const { lane: _, ...usage } = example.stores['usage']!;
    const stores = { ...example.stores, usage: { ...usage, kind: 's3', keys, options: { bucket: 'usage' } } };
    const root = new URL('../../../', import.meta.url).pathname;
    const policies = example.policies.map((path) => relative(folder, join(root, path)));
    const file = join(folder, 'retention.json');
    await writeFile(file, JSON.stringify({ ...example, policies, stores }));
    expect(await tenure(['preflight', file])).toMatchObject({
      code: 2,
      out: '',
      err: 'stores.usage.keys: the columns "folder" and "file" are text, so two different keys joined by "/" could name the same object; declare at most one text column\n',
    });
  });

  test('whose region a policy does not allow is a usage error, unless it is acknowledged', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tenure-preflight-'));
    stops.push(() => rm(folder, { recursive: true }));
    const root = new URL('../../../', import.meta.url).pathname;
    const policies = example.policies.map((path) => relative(folder, join(root, path)));
    const deployment = { ...example.deployment, region: 'us-east-1' };
    const file = join(folder, 'retention.json');
    await writeFile(file, JSON.stringify({ ...example, policies, deployment }));
    const { code, err } = await tenure(['preflight', file]);
    expect(code).toBe(2);
    expect(err).toMatch(
      /^deployment\.region: .* would be in us-east-1, but the policy "odoo-events" allows data in eu-central-1, eu-west-1 only/,
    );
    const acknowledgedRegions = { 'us-east-1': { policies: ['odoo-events'], reason: 'a test' } };
    await writeFile(file, JSON.stringify({ ...example, policies, deployment, acknowledgedRegions }));
    expect((await loadPreflight(file)).region).toBe('us-east-1');
  });
});
