import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { HoldingState } from '../../../shared/domain/record/holding.ts';
import type { ChunkIndex } from '../../../shared/ports/log.ts';

const root = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** A key for each state: a new state does not compile until it is added here. */
const HOLDING_STATES: Record<HoldingState, true> = {
  pending: true,
  active: true,
  claimed: true,
  disposed: true,
  withdrawn: true,
};
const CHUNK_STATES: Record<ChunkIndex['state'], true> = { pending: true, sealed: true, void: true };

function statesInTable(section: string): string[] {
  return [...section.matchAll(/^\| `([a-z]+)` \|/gm)].map(([, name]) => name ?? '');
}

describe('the documentation', () => {
  test('names exactly the states that the code has', () => {
    const [, holding = '', chunk = ''] = read('docs/states.md').split(/^## /m);
    expect(statesInTable(holding).toSorted()).toEqual(Object.keys(HOLDING_STATES).toSorted());
    expect(statesInTable(chunk).toSorted()).toEqual(Object.keys(CHUNK_STATES).toSorted());
  });

  test('has every state of a holding in the README too', () => {
    const [, table = ''] = /## States of a holding([\s\S]*?)\n## /.exec(read('README.md')) ?? [];
    expect(statesInTable(table).toSorted()).toEqual(Object.keys(HOLDING_STATES).toSorted());
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

  test('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const known = new Set([...Object.keys(scripts), 'ci', 'install', 'pack', 'test', 'start']);
    const named = [...read('README.md').matchAll(/npm (?:run )?([a-z][\w:-]*)/g)].map(
      ([, name]) => name ?? '',
    );
    expect(named.filter((name) => !known.has(name) && name !== 'run')).toEqual([]);
  });
});

function markdownIn(folder: string): string[] {
  return readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);
}
