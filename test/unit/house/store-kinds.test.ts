import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { STORE_PREFLIGHTS } from '../../../cli/preflight/preflight-stores.ts';
import { demoConfiguration } from '../../../examples/demo-configuration.ts';
import retention from '../../../retention.config.ts';
import { STORE_KINDS, storeKind, type StoreKindName } from '../../../shared/stores/kinds.ts';
import { appSettings } from '../../e2e/app-settings.ts';
import { withVendor } from '../../e2e/vendors/vendor-settings.ts';

const root = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const KINDS = Object.keys(STORE_KINDS) as StoreKindName[];
/** What a vendor answers is played by servers that misbehave: test/protocol/vendor. */
const DATA_KINDS = KINDS.filter((kind) => kind !== 'http');

/** The rows of the table below a heading of the page that link to the page of a kind, by kind. */
function rowsOf(page: string, heading: string): Record<string, string[]> {
  const [, section = ''] = read(page).split(`\n## ${heading}\n`);
  const [table = ''] = section.split('\n## ');
  const rows = [...table.matchAll(/^\| \[[^\]]+\]\((?:docs\/)?stores\/([a-z0-9]+)\.md\) \|(.+)\|$/gm)];
  return Object.fromEntries(
    rows.map(([, kind = '', cells = '']) => [kind, cells.split('|').map((cell) => cell.trim())]),
  );
}

describe('every kind of store', () => {
  test.each(KINDS)('%s has its files: data, options, calls, preflight and page', (kind) => {
    const files = [
      `shared/stores/${kind}/${kind}.ts`,
      `shared/stores/${kind}/${kind}-options.ts`,
      `shared/stores/${kind}/${kind}-store.ts`,
      `cli/preflight/preflight-${kind}.ts`,
      `docs/stores/${kind}.md`,
    ];
    expect(files.filter((file) => !existsSync(new URL(file, root)))).toEqual([]);
    expect(read(`docs/stores/${kind}.md`)).toMatch(new RegExp(`^# Stores of kind \`${kind}\`\n`));
  });

  test.each(DATA_KINDS)(
    '%s is proved by the suite that every store with data passes, over its real engine',
    (kind) => {
      const files = [
        `test/conformance/store/store-${kind}.test.ts`,
        `test/conformance/store/store-${kind}-bench.ts`,
        `test/conformance/reading/${kind}-reading.test.ts`,
        `test/conformance/listing/${kind}-listing.test.ts`,
      ];
      expect(files.filter((file) => !existsSync(new URL(file, root)))).toEqual([]);
      expect(read(`test/conformance/store/store-${kind}.test.ts`)).toMatch(/\bstoreSuite\(/);
    },
  );

  test('has a folder and a page, and nothing else has one there', () => {
    const folders = readdirSync(new URL('shared/stores/', root), { withFileTypes: true });
    expect(
      folders
        .filter((each) => each.isDirectory())
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(KINDS.toSorted());
    expect(readdirSync(new URL('docs/stores/', root)).toSorted()).toEqual(
      KINDS.map((kind) => `${kind}.md`).toSorted(),
    );
  });

  test('has a row in the status table of the README, which says what it can do', () => {
    const rows = rowsOf('README.md', 'Status');
    expect(Object.keys(rows).toSorted()).toEqual(KINDS.toSorted());
    for (const kind of KINDS) {
      const masks = rows[kind]?.[1] ?? '';
      if (kind === 'http') continue;
      const verbs = storeKind(kind).capabilities.verbs({});
      expect([kind, !/^(no|not yet|)$/.test(masks)]).toEqual([kind, verbs.includes('anonymise')]);
    }
  });

  test('has a row in the page of the configuration, which names what `tenure preflight` needs', () => {
    const rows = rowsOf('docs/configuration.md', 'Before you deploy');
    expect(Object.keys(rows).toSorted()).toEqual(KINDS.toSorted());
    for (const kind of KINDS) {
      const named = [...(rows[kind]?.[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, action]) => action);
      expect(named).toEqual(STORE_PREFLIGHTS[kind].actions);
    }
  });

  test.each([
    ['the example deployment', retention.stores],
    ['the demonstration', demoConfiguration.stores],
    [
      'the deployment that is driven from outside',
      withVendor(
        appSettings({
          membersTable: 'members',
          picturesBucket: 'pictures',
          orders: { port: 5432, database: 'orders', user: 'lane' },
          ordersLogin: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:orders',
        }),
        {
          origin: 'https://localhost',
          secret: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:mailings',
        },
      ).stores,
    ],
  ])('is in %s', (_, stores) => {
    const there = new Set(Object.values(stores).map(({ kind }) => kind));
    expect([...there].toSorted()).toEqual(KINDS.toSorted());
  });
});
