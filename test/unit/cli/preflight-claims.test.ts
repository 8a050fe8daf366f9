import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { checkClaims } from '../../../cli/preflight/preflight-claims.ts';
import { loadPreflight } from '../../../cli/preflight/preflight-config.ts';
import { claimOf, placeOf } from '../../../shared/domain/configuration/store-place.ts';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

const file = new URL('../../../retention.config.ts', import.meta.url).pathname;
const { configuration, name } = await loadPreflight(file);
const credentials = async () => ({ accessKeyId: 'any', secretAccessKey: 'any' });

/** Systems Manager with these parameters. */
async function parameters(values: Readonly<Record<string, string>>, status = 200) {
  const asked: string[][] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { Names } = JSON.parse(Buffer.concat(parts).toString()) as { Names: string[] };
      asked.push(Names);
      const Parameters = Names.filter((each) => Object.hasOwn(values, each)).map((each) => ({
        Name: each,
        Value: values[each],
      }));
      response.writeHead(status).end(JSON.stringify({ Parameters, InvalidParameters: [] }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(async () => server.close());
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { place: { region: 'eu-central-1', credentials, endpoint }, asked };
}

function claim(store: string): string {
  const settings = configuration.stores[store];
  return claimOf((settings && placeOf(settings)) ?? '');
}

test('stores that no deployment has, or this one, have nothing to say', async () => {
  const { place, asked } = await parameters({ [claim('usage')]: name });
  expect(await checkClaims(configuration, name, place)).toEqual([]);
  // Several deployments may tell one vendor.
  const claimed = Object.entries(configuration.stores).filter(([, { kind }]) => kind !== 'http');
  expect(asked.flat().toSorted()).toEqual(claimed.map(([store]) => claim(store)).toSorted());
});

test('a renamed deployment fails for each store that the old one has, and it says what to do', async () => {
  const { place } = await parameters({ [claim('usage')]: 'before', [claim('contacts')]: 'before' });
  const findings = await checkClaims(configuration, name, place);
  expect(findings.map(({ severity, where }) => `${severity} ${where}`).toSorted()).toEqual([
    'fails contacts',
    'fails usage',
  ]);
  expect(findings[0]?.message).toBe(
    'the deployment "before" has this store, and a registry that knows when its records are due; "tenure" would begin with an empty one. If you renamed the deployment, write `name: "before"` again. If both are meant to exist, take the store out of "before" first',
  );
});

test('two hundred stores are asked for ten at a time', async () => {
  const [usage] = Object.values(configuration.stores);
  if (usage === undefined) throw new Error('the example has stores');
  const stores = Object.fromEntries(
    Array.from({ length: 200 }, (_, n) => [`s-${n}`, { ...usage, options: { table: `t-${n}` } }]),
  );
  const { place, asked } = await parameters({});
  expect(await checkClaims({ stores }, name, place)).toEqual([]);
  expect(asked.map(({ length }) => length)).toEqual(Array.from({ length: 20 }, () => 10));
  expect(new Set(asked.flat()).size).toBe(200);
});

test('without the permission to read it, it is unknown', async () => {
  const { place } = await parameters({}, 400);
  expect(await checkClaims(configuration, name, place)).toEqual([
    {
      severity: 'unknown',
      where: 'ssm',
      message:
        'it could not be read whether another deployment has these stores (HTTP 400); this check needs ssm:GetParameters',
    },
  ]);
});

test('a claim is of the place, whatever the store is called and however it is treated', () => {
  const usage = configuration.stores['usage'];
  if (usage === undefined) throw new Error('the example has a store usage');
  const other = { ...usage, hourlyCap: 1, options: { ...usage.options, versionAttribute: 'v' } };
  expect(placeOf(other)).toBe(placeOf(usage));
  expect(placeOf({ ...usage, region: 'eu-west-1' })).not.toBe(placeOf(usage));
  expect(placeOf({ ...usage, options: {} })).toBeUndefined();
});
