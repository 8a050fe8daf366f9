import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundle, bundleFunctions } from '../../infra/build/bundle-functions.ts';
import { billOfMaterials, notices, type ThirdParty, thirdParty } from '../../infra/build/third-party.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Licences that ask for no more than a notice. */
const NOTICE_ONLY = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT-0'];

let folder: string;
let bundles: readonly Bundle[];
let shipped: readonly ThirdParty[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenure-third-party-'));
  bundles = await bundleFunctions(folder);
  shipped = thirdParty(ROOT, bundles);
});
afterAll(() => rm(folder, { recursive: true }));

interface Component {
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes: readonly { readonly alg: string; readonly content: string }[];
}
const components = (text: string): readonly Component[] =>
  (JSON.parse(text) as { components: Component[] }).components;

describe('the bill of materials', () => {
  test('has every package whose code is in a bundle, with version and digest', () => {
    const inBundles = new Set(
      bundles
        .flatMap(({ sources }) => sources)
        .flatMap((source) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? []),
    );
    expect(inBundles.size).toBeGreaterThan(20);
    const listed = components(billOfMaterials(ROOT, shipped));
    expect([...inBundles].filter((name) => !listed.some((one) => one.name === name))).toEqual([]);
    for (const { purl, version, hashes } of listed) {
      expect(purl).toMatch(/^pkg:npm\//);
      expect(version).toMatch(/^\d+\.\d+\.\d+/);
      expect(hashes[0]?.content).toMatch(/^[0-9a-f]{128}$/);
    }
  });

  test('has what is installed with the package, and nothing that only tests use', () => {
    const names = components(billOfMaterials(ROOT, shipped)).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['commander', 'yaml', 'zod', 'pg']));
    for (const name of ['vitest', 'dynalite', 'aws-cdk', 'aws-cdk-lib', 'esbuild'])
      expect(names).not.toContain(name);
  });

  test('is the same text for the same packages', () => {
    expect(billOfMaterials(ROOT, shipped)).toBe(billOfMaterials(ROOT, shipped));
  });
});

describe('the notices', () => {
  test('name every package whose code is in a bundle, and only those', () => {
    const text = notices(ROOT, shipped);
    for (const { name, version, license, bundled } of shipped) {
      expect(text.includes(`${name} ${version} (${license})`), name).toBe(bundled);
    }
  });

  test('contain the text of a licence for packages that bring one', () => {
    const text = notices(ROOT, shipped);
    expect(text).toContain('Apache License');
    expect(text).toContain('Permission is hereby granted');
  });

  test('are all that the licences ask for', () => {
    expect(shipped.filter(({ license }) => !NOTICE_ONLY.includes(license))).toEqual([]);
  });
});
