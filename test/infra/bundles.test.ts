import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundle, bundleFunctions } from '../../infra/build/bundle-functions.ts';
import { printSizes, tooLarge } from '../../infra/build/bundle-sizes.ts';
import { STORE_KINDS } from '../../shared/stores/kinds.ts';

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
      'announce',
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
    expect(printSizes([{ name: 'api', bytes: 780_001 }])).toBe('api  781 kB (limit 780 kB) EXCEEDED');
  });

  test('of a lane have its own driver and no other', async () => {
    const [dynamo, postgres] = await Promise.all(
      ['dispose-dynamodb', 'dispose-postgresql'].map((name) => readFile(fileOf(name), 'utf8')),
    );
    const speaksPostgres = 'SET LOCAL lock_timeout';
    const speaksBatchWrite = 'BatchWriteItemCommand';
    expect([dynamo?.includes(speaksPostgres), postgres?.includes(speaksPostgres)]).toEqual([false, true]);
    expect([dynamo?.includes(speaksBatchWrite), postgres?.includes(speaksBatchWrite)]).toEqual([true, false]);
  });
});
