import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundle, bundleFunctions } from '../../infra/build/bundle-functions.ts';
import { printSizes, tooLarge } from '../../infra/build/bundle-sizes.ts';
import { AWS_SERVICES, servicesOfLane } from '../../shared/adapters/aws-services.ts';
import { STORE_KINDS } from '../../shared/stores/kinds.ts';

/** For the registry and the deletion log. */
const OF_EVERY_LANE: ReadonlySet<string> = new Set(['@aws-sdk/client-dynamodb', '@aws-sdk/client-s3']);

let folder: string;
let bundles: readonly Bundle[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenure-bundles-'));
  bundles = await bundleFunctions(folder);
});
afterAll(() => rm(folder, { recursive: true }));

const fileOf = (name: string): string => join(folder, name, 'index.mjs');

describe('the function bundles', () => {
  test('are one for each function, and one lane for each kind of store', () => {
    expect(bundles.map(({ name }) => name)).toEqual([
      'api',
      'ingest',
      'seal',
      'sweep',
      ...Object.keys(STORE_KINDS).map((kind) => `dispose-${kind}`),
    ]);
  });

  test('load as modules of their own, with nothing installed beside them', () => {
    const script = bundles
      .map(
        ({ name }) => `const m${name.replaceAll('-', '')} = await import(${JSON.stringify(fileOf(name))});`,
      )
      .join('\n');
    const kinds = bundles.map(({ name }) => `typeof m${name.replaceAll('-', '')}.handler`).join(', ');
    const printed = execFileSync(
      process.execPath,
      ['--input-type=module', '-e', `${script}\nconsole.log([${kinds}].join())`],
      { cwd: folder, encoding: 'utf8' },
    );
    expect(printed.trim()).toBe(bundles.map(() => 'function').join());
  });

  test('stay within their limits', () => {
    expect(bundles.filter(tooLarge)).toEqual([]);
    expect(printSizes([{ name: 'api', bytes: 1_086_001 }])).toBe('api  1087 kB (limit 1086 kB) EXCEEDED');
  });

  test.each(Object.values(STORE_KINDS))('of a lane of kind $kind have its own driver and no other', (own) => {
    const { sources } = bundles.find(({ name }) => name === `dispose-${own.kind}`) ?? { sources: [] };
    const opened = sources.filter((path) => /^shared\/stores\/[^/]+\/[a-z0-9]+-store\.ts$/.test(path));
    expect(opened).toEqual([`shared/stores/${own.kind}/${own.kind}-store.ts`]);
    const has = (name: string): boolean => sources.some((path) => path.startsWith(`node_modules/${name}/`));
    expect(own.driver.packages.filter((name) => !has(name))).toEqual([]);
    expect(own.driver.leftOut.filter(has)).toEqual([]);
    // Clients that every lane uses are in every bundle.
    const others = Object.values(STORE_KINDS).flatMap(({ driver }) => driver.packages);
    const foreign = others.filter((name) => !own.driver.packages.includes(name) && !OF_EVERY_LANE.has(name));
    expect(foreign.filter(has)).toEqual([]);
  });

  test.each(Object.values(STORE_KINDS))(
    'of a lane of kind $kind have clients for exactly the services that a lane in a VPC has to reach',
    ({ kind, driver }) => {
      const { sources } = bundles.find(({ name }) => name === `dispose-${kind}`) ?? { sources: [] };
      const clients = sources.flatMap((path) => /@aws-sdk\/client-([a-z0-9-]+)\//.exec(path)?.[1] ?? []);
      // The registry is asked, and pieces of copies are written, without the SDK.
      const has = (file: string): boolean => sources.some((path) => path.endsWith(file));
      const called = new Set([
        ...clients.map((client) => client.replaceAll('-', '')),
        ...(has('/signed-dynamo.ts') ? ['dynamodb'] : []),
        ...(has('/s3-pieces.ts') ? ['s3'] : []),
      ]);
      const services = servicesOfLane(driver.packages, 'secret').map((service) => AWS_SERVICES[service]);
      expect([...called].toSorted()).toEqual([...services].toSorted());
      const page = readFileSync(new URL('../../docs/vpc.md', import.meta.url), 'utf8');
      for (const service of services) expect(page).toContain(`| \`com.amazonaws.<region>.${service}\` |`);
    },
  );

  test('of functions that open no store have no driver but the clients that all work with', () => {
    const drivers = Object.values(STORE_KINDS).flatMap(({ driver }) => driver.packages);
    const foreign = drivers.filter((name) => !OF_EVERY_LANE.has(name));
    const others = bundles.filter(({ name }) => !name.startsWith('dispose-'));
    const found = others.flatMap(({ name, sources }) =>
      foreign
        .filter((driver) => sources.some((path) => path.startsWith(`node_modules/${driver}/`)))
        .map((driver) => `${name} ${driver}`),
    );
    expect(others.length).toBe(4);
    expect(found).toEqual([]);
  });
});
