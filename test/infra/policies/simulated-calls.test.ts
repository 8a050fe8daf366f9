import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { STORE_KINDS } from '../../../shared/stores/kinds.ts';
import { calledMethods, PORT_METHODS } from '../../policies/called-methods.ts';
import { commandsIn, SDK_COMMANDS } from '../../policies/sdk-commands.ts';
import { ROOT } from '../../support/house/synthesized.ts';

const sourcesIn = (...folders: readonly string[]): readonly string[] =>
  folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => `${folder}/${path.replaceAll('\\', '/')}`),
  );
const sources = sourcesIn('shared', 'functions');
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

describe('the list of calls that the simulator judges', () => {
  test('has every command of the SDK that a function constructs, and no other', () => {
    const found = sources.flatMap((path) => {
      const commands = commandsIn(textOf(path));
      return commands.length === 0 ? [] : [[path, commands] as const];
    });
    const listed = Object.entries(SDK_COMMANDS).map(
      ([path, commands]) => [path, Object.keys(commands).toSorted((a, b) => (a < b ? -1 : 1))] as const,
    );
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(found));
  });

  test('finds commands however the SDK was imported', () => {
    expect(commandsIn('send(new PutItemCommand({})); new at.sdk.GetItemCommand(x); new Map()')).toEqual([
      'GetItemCommand',
      'PutItemCommand',
    ]);
  });

  test.each(Object.values(STORE_KINDS).filter(({ login }) => login === 'role'))(
    'agrees with the permissions that a store of kind $kind asks for',
    (kind) => {
      const place = { partition: 'aws', region: 'eu-central-1', account: '111122223333' };
      const options = { table: 'orders', bucket: 'orders' } as never;
      const surveys = kind.surveyAccess(options, place, kind.capabilities.surveys);
      const ranges = [{ index: 'by-kind:kind' }, { scan: true }].flatMap((dataset) =>
        kind.rangeAccess(options, place, dataset as never),
      );
      const others = [...surveys, ...ranges].flatMap(({ actions }) => actions);
      const asked = [...Object.values(kind.permissions).flat(), ...others];
      // What a vendor's lane asks of AWS is its secret.
      const own =
        kind.kind === 'http' ? 'shared/adapters/secrets/vendor-secrets.ts' : `shared/stores/${kind.kind}/`;
      const commands = Object.entries(SDK_COMMANDS).filter(([path]) => path.startsWith(own));
      const needed = commands.flatMap(([, actions]) => Object.values(actions).flat());
      expect(new Set(asked)).toEqual(new Set(needed));
    },
  );

  test('has every method of the ports that reach AWS: some function calls it', async () => {
    const called = new Set([...(await calledMethods()).values()].flat());
    expect(called).toEqual(new Set(PORT_METHODS));
  });
});

describe('the simulator', () => {
  const isNamed = (path: string): boolean => textOf(path).includes('@cloud-copilot');

  test('is a program of its own: no part of Tenure imports it, and no manifest or lock of Tenure lists it', () => {
    const all = [...sources, ...sourcesIn('infra', 'cli', 'local'), 'package.json', 'package-lock.json'];
    expect(all.filter(isNamed)).toEqual([]);
  });

  test('is not in the package', () => {
    const { files } = JSON.parse(textOf('package.json')) as { readonly files: readonly string[] };
    expect(files.filter((each) => each.startsWith('.') || each === 'test')).toEqual([]);
  });

  test('is pinned, and its lock names no registry', () => {
    const { dependencies } = JSON.parse(textOf('.ci/policies/package.json')) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    expect(Object.values(dependencies).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    expect(textOf('.ci/policies/package-lock.json')).not.toContain('"resolved"');
  });
});
