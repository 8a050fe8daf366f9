import { existsSync, readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as z from 'zod';

const Manifest = z.object({
  bin: z.record(z.string(), z.string()),
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
  overrides: z.record(z.string(), z.string()),
});
const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      resolved: z.string().optional(),
      optionalDependencies: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8'));
const manifest = Manifest.parse(read('package.json'));
const lock = Lock.parse(read('package-lock.json'));

test('scripts run under Node 24, whatever the machine has', () => {
  expect(process.version).toMatch(/^v24\./);
});

test('every package is pinned to one version', () => {
  const { dependencies, devDependencies, overrides } = manifest;
  const loose = Object.entries({ ...dependencies, ...devDependencies, ...overrides }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
  );
  expect(loose).toEqual([]);
});

test('the lock holds the binaries of every platform, so that it installs on other machines', () => {
  const absent = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) => !isLockedFor(path, name)),
  );
  expect(absent).toEqual([]);
});

test('the lock names no registry', () => {
  const named = Object.values(lock.packages).filter(({ resolved }) => resolved !== undefined);
  expect(named).toEqual([]);
});

test('the command of the package can be started in the checkout', () => {
  const file = new URL(`../../../${manifest.bin['tenure']}`, import.meta.url);
  expect(existsSync(file), 'cli/tenure.ts is absent').toBe(true);
  expect(readFileSync(file, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect(statSync(file).mode & 0o111, 'make cli/tenure.ts executable: chmod +x').not.toBe(0);
});

/** npm looks for a package next to the one that needs it, then further up. */
function isLockedFor(path: string, name: string): boolean {
  const parents = path
    .split('/node_modules/')
    .map((_, index, parts) => parts.slice(0, index + 1).join('/node_modules/'));
  return ['', ...parents].some((parent) => `${parent && `${parent}/`}node_modules/${name}` in lock.packages);
}
