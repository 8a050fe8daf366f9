import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { REASONS } from '../../../shared/domain/record/attention.ts';
import { HOLDING_STATES } from '../../../shared/domain/record/holding.ts';
import { VOID } from '../../../shared/domain/record/work.ts';
import { REMARKS } from '../../../shared/domain/record/holding.ts';

const root = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

const sorted = (names: Iterable<string>): string[] => [...names].toSorted();

function statesInTable(section: string): string[] {
  return [...section.matchAll(/^\| `([a-z]+)` \|/gm)].map(([, name]) => name ?? '');
}

describe('the documentation', () => {
  test('names exactly the states that the code has', () => {
    const [, holding = '', chunk = '', attempt = ''] = read('docs/states.md').split(/^## /m);
    expect(sorted(statesInTable(holding))).toEqual(sorted(HOLDING_STATES));
    const drawn = [...holding.matchAll(/^ {2}(\S+) --> (\S+):/gm)].flatMap(([, from = '', to = '']) => [
      from,
      to,
    ]);
    expect(sorted(new Set(drawn.filter((name) => name !== '[*]')))).toEqual(sorted(HOLDING_STATES));
    const remarks: readonly string[] = REMARKS;
    const named = [...holding.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !remarks.includes(name))).toEqual([]);
    expect(chunk).toContain('stateDiagram');
    expect(attempt).toContain(`| \`${VOID}\` |`);
  });

  test('says of exactly the reasons for which something needs a person what to do', () => {
    const [, section = ''] = read('docs/states.md').split('## What needs a person');
    const rows = [...section.matchAll(/^\| `([\w-]+)` \| [^|]+ \| [^|]+ \|$/gm)].map(([, name]) => name);
    expect(rows).toEqual(Object.keys(REASONS));
  });

  test('has every state of a holding in the README too', () => {
    const [, table = ''] = /## States of a holding([\s\S]*?)\n## /.exec(read('README.md')) ?? [];
    expect(sorted(statesInTable(table))).toEqual(sorted(HOLDING_STATES));
  });

  test('has a README of at most 150 lines', () => {
    expect(read('README.md').split('\n').length).toBeLessThanOrEqual(150);
  });

  test('links only to files that are there', () => {
    const pages = ['README.md', 'CONTRIBUTING.md', ...markdownIn('docs')];
    const missing = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
        .map(([, link]) => new URL(link ?? '', new URL(page, root)))
        .filter((target) => !existsSync(target))
        .map((target) => `${page} → ${target.pathname.slice(root.pathname.length)}`),
    );
    expect(missing).toEqual([]);
  });

  test('links only to headings that are there', () => {
    const pages = ['README.md', 'CONTRIBUTING.md', ...markdownIn('docs')];
    const missing = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)/g)]
        .map(([, link = '', anchor = '']) => ({
          target:
            link === '' ? page : new URL(link, new URL(page, root)).pathname.slice(root.pathname.length),
          anchor,
        }))
        .filter(({ target, anchor }) => !anchorsOf(read(target)).has(anchor))
        .map(({ target, anchor }) => `${page} → ${target}#${anchor}`),
    );
    expect(missing).toEqual([]);
  });

  test('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const known = new Set([...Object.keys(scripts), 'ci', 'install', 'pack', 'test', 'start']);
    const named = [...read('README.md').matchAll(/npm (?:run )?([a-z][\w:-]*)/g)].map(
      ([, name]) => name ?? '',
    );
    expect(named.filter((name) => !known.has(name) && name !== 'run')).toEqual([]);
  });
});

/** As GitHub makes them from headings. */
function anchorsOf(page: string): Set<string> {
  const headings = page.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.*)$/gm);
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .trim()
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

function markdownIn(folder: string): string[] {
  return readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);
}
