import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { ofType, synthesized } from '../support/house/synthesized.ts';

/** The first synth of a process loads the whole library: long on a busy machine. */
vi.setConfig({ hookTimeout: 240_000 });

const folder = new URL('../../docs/runbooks/', import.meta.url);
const books = readdirSync(folder).map((file) => file.replace(/\.md$/, ''));

const SECTIONS = [
  'What it means',
  'What is safe meanwhile',
  'What to look at',
  'What to do',
  'How to see that it is over',
];

describe('runbooks', () => {
  let descriptions: readonly string[];
  beforeAll(() => {
    descriptions = ofType(synthesized().service, 'AWS::CloudWatch::Alarm').map(({ Properties }) =>
      String(Properties['AlarmDescription']),
    );
  });

  test('are there for every alarm, and for nothing else', () => {
    const named = descriptions.map((text) => /docs\/runbooks\/([a-z-]+)\.md$/.exec(text)?.[1] ?? text);
    expect([...new Set(named)].toSorted()).toEqual(books.toSorted());
  });

  test.each(books)('%s has the five sections, each with something in it', (book) => {
    const text = readFileSync(new URL(`${book}.md`, folder), 'utf8');
    expect(text.startsWith(`# ${book}: `)).toBe(true);
    const [, ...sections] = text.split(/^## /m);
    expect(sections.map((section) => section.split('\n')[0])).toEqual(SECTIONS);
    for (const section of sections) expect(section.trim().split('\n').length).toBeGreaterThan(1);
  });
});
