import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ROUTES } from '../../../shared/contract/routes.ts';
import { STORE_KINDS } from '../../../shared/stores/kinds.ts';
import { CONSTRUCTS } from '../../support/rules/constructs.ts';

const root = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const page = read('docs/changing-things.md');

const KINDS = Object.keys(STORE_KINDS);
const DATA_KINDS = KINDS.filter((kind) => kind !== 'http');
/** Alarms, and the reasons of those that have several. */
const RUNBOOKS = readdirSync(new URL('docs/runbooks/', root)).map((file) => file.replace(/\.md$/, ''));
const ALARMS = [...read('infra/constructs/alarm-list.ts').matchAll(/^ {2}\| '([a-z-]+)'/gm)].map(
  ([, name = '']) => name,
);
const MOMENTS = CONSTRUCTS.flatMap((name) => (name.startsWith('moment ') ? [name.slice(7)] : []));

interface Row {
  readonly files: readonly string[];
  readonly found: string;
}

/** The rows below each heading. */
const SECTIONS: Readonly<Record<string, readonly Row[]>> = Object.fromEntries(
  page
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), rowsOf(section)]),
);

function rowsOf(section: string): Row[] {
  const lines = section.split('\n').filter((line) => line.startsWith('| `'));
  return lines.map((line) => {
    const [file = '', what = '', found = ''] = line.slice(2, -2).split(' | ');
    return { files: pathsIn(`${file} ${what}`), found };
  });
}

/** Paths between backticks, those with a placeholder once for each of its values. */
function pathsIn(text: string): string[] {
  const spans = [...text.matchAll(/`([\w.<>/-]+\.(?:ts|md|json|jsonl))`/g)].map(([, path]) => path ?? '');
  return spans.flatMap((path) => {
    if (path.includes('<kind>')) return KINDS.map((kind) => path.replaceAll('<kind>', kind));
    if (path.includes('<data-kind>')) return DATA_KINDS.map((kind) => path.replaceAll('<data-kind>', kind));
    if (path.includes('<alarm>')) return RUNBOOKS.map((alarm) => path.replaceAll('<alarm>', alarm));
    return [path];
  });
}

/** The texts of all files that people write. */
const TREE: ReadonlyMap<string, string> = new Map(
  ['cli', 'docs', 'examples', 'functions', 'infra', 'local', 'shared', 'test']
    .flatMap((folder) =>
      readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: 'utf8' }).map(
        (name) => `${folder}/${name}`,
      ),
    )
    .concat(readdirSync(root))
    .filter((path) => /\.(ts|md)$/.test(path))
    .map((path) => [path, read(path)]),
);

/** As a value, a key, a part of a path or the end of a composed name. */
const isNamedIn = (text: string) => (name: string) =>
  new RegExp(`['" /-]${name}['"/]|^\\s*${name}[:,]|\\b${name}\\.md`, 'm').test(text);

describe('docs/changing-things.md', () => {
  test('names only files that exist', () => {
    const missing = pathsIn(page).filter((path) => !existsSync(new URL(path, root)));
    expect(missing).toEqual([]);
    expect(pathsIn(page).length).toBeGreaterThan(80);
  });

  test('says of every file how it is found when it is forgotten', () => {
    expect(Object.keys(SECTIONS)).toEqual([
      'A kind of store',
      'A construct of the rule language',
      'A route of the API',
      'An alarm',
    ]);
    for (const rows of Object.values(SECTIONS)) {
      expect(rows.length).toBeGreaterThan(8);
      expect(rows.filter(({ files }) => files.length === 0)).toEqual([]);
      const unclear = rows.filter(
        ({ found }) => !/^(types\b|reader$|`test\/\S+\.test\.ts`|`npm run e2e`)/.test(found),
      );
      expect(unclear).toEqual([]);
    }
  });

  test.each([
    ['kinds of store', 'A kind of store', KINDS],
    ['moments of the rule language', 'A construct of the rule language', MOMENTS],
    ['routes', 'A route of the API', Object.keys(ROUTES)],
    ['alarms', 'An alarm', ALARMS],
  ])('names every file that names all %s', (_, heading, names) => {
    const naming = [...TREE].filter(([, text]) => names.every(isNamedIn(text))).map(([path]) => path);
    const section = page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
    const named = new Set([...pathsIn(section), 'docs/changing-things.md']);
    expect(naming.filter((path) => !named.has(path))).toEqual([]);
    expect(naming.length).toBeGreaterThan(1);
  });

  test('keeps complete what only it looks after: these files name every kind of store', () => {
    const kept = (SECTIONS['A kind of store'] ?? []).filter(({ found }) =>
      found.includes('changing-things.test.ts'),
    );
    expect(kept.length).toBeGreaterThan(0);
    for (const path of kept.flatMap(({ files }) => files)) {
      const kinds = path.startsWith('test/conformance/') ? DATA_KINDS : KINDS;
      expect([path, kinds.filter((kind) => !isNamedIn(read(path))(kind))]).toEqual([path, []]);
    }
  });
});
