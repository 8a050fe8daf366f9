import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import retention from '../../retention.config.ts';
import { REPORT_CODES, TOO_LONG } from '../../shared/ports/report.ts';
import { ofType, synthesized } from '../support/house/synthesized.ts';
import { tenure } from '../support/run-tenure.ts';

/** The first synth of a process loads the whole library: long on a busy machine. */
vi.setConfig({ hookTimeout: 240_000 });

const folder = new URL('../../docs/runbooks/', import.meta.url);
const books = readdirSync(folder).map((file) => file.replace(/\.md$/, ''));

const textOf = (book: string): string => readFileSync(new URL(`${book}.md`, folder), 'utf8');

/** What one of the lines that are incidents is about. */
const INCIDENTS = [
  'access-denied',
  'unreachable',
  'ingest-stalled',
  'producer-behind',
  'lane-capped',
  'rule-stopped',
  'came-back',
  'hint-lost',
  'coverage-drift',
  'never-present',
  'undelivered',
  'log-forked',
  'witness-contradicts',
] as const;

/** What no alarm leads to: a person begins it, or sees it fail. */
const BY_HAND = ['failed-first-deployment', 'restore', 'store-restored', 'teardown'] as const;

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

  test('are there for every alarm, every reason of one and what is done by hand, and for nothing else', () => {
    const named = descriptions.map((text) => /docs\/runbooks\/([a-z-]+)\.md$/.exec(text)?.[1] ?? text);
    expect([...new Set([...named, ...TOO_LONG, ...INCIDENTS, ...BY_HAND])].toSorted()).toEqual(
      books.toSorted(),
    );
  });

  test.each([
    ['waiting-too-long', TOO_LONG],
    ['incident', INCIDENTS],
  ] as const)('%s leads to a runbook for each of its reasons', (book, reasons) => {
    const [, table = ''] = /^## What it means\n([\s\S]*?)\n## /m.exec(textOf(book)) ?? [];
    const linked = [...table.matchAll(/\]\(([a-z-]+)\.md\)/g)].map(([, name]) => name);
    expect(linked).toEqual([...reasons]);
    for (const reason of reasons)
      expect([reason, textOf(reason)]).toEqual([reason, expect.stringContaining(`(${book}.md)`)]);
  });

  test('name only codes that are logged', () => {
    const codes: ReadonlySet<string> = new Set(REPORT_CODES);
    const rooms = new Set(REPORT_CODES.map((code) => code.split('.')[0]));
    const named = books.flatMap((book) =>
      [...textOf(book).matchAll(/[`"]([a-z]+)\.([a-z-]+)(?:\.[a-z]+)?[`"]/g)].flatMap(
        ([, room = '', fact = '']) =>
          rooms.has(room) && !['ts', 'md', 'json'].includes(fact) ? [`${room}.${fact}`] : [],
      ),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((code) => !codes.has(code) && code !== 'lane.concurrency')).toEqual([]);
  });

  test.each(books)('%s has the five sections, each with something in it', (book) => {
    const text = textOf(book);
    expect(text.startsWith(`# ${book}: `)).toBe(true);
    const [, ...sections] = text.split(/^## /m);
    expect(sections.map((section) => section.split('\n')[0])).toEqual(SECTIONS);
    for (const section of sections) expect(section.trim().split('\n').length).toBeGreaterThan(1);
  });

  test('name only commands that `tenure` has', async () => {
    const named = books.flatMap((book) =>
      [...textOf(book).matchAll(/`tenure ((?:[a-z]+(?: |(?=`)))+)/g)].map(([, words = '']) => words.trim()),
    );
    expect(named).toContain('quarantine list');
    for (const command of new Set(named)) {
      const { out } = await tenure([...command.split(' '), '--help'], {});
      expect(out).toMatch(new RegExp(`^Usage: tenure ${command}( |$)`, 'm'));
    }
  });

  test('restore finds each queue, and every rule that sends to the ingest queue', () => {
    const { state, service } = synthesized();
    const text = textOf('restore');
    const asked = [...text.matchAll(/\$\(queue \$(?:NAME-)?(\w+) (\w+)\)/g)].map(
      ([, stack = '', id = '']) =>
        ofType(stack === 'service' ? service : state, 'AWS::SQS::Queue').filter((queue) =>
          queue.id.startsWith(id),
        ).length,
    );
    expect(asked).toEqual([1, 1, 1]);
    const rules = ofType(state, 'AWS::Events::Rule').map(({ Properties }) => Properties['Targets']);
    const ingest = { Arn: { 'Fn::GetAtt': ['IngestQueue', 'Arn'] } };
    expect(rules).toEqual(rules.map(() => [expect.objectContaining(ingest)]));
    const producers = Object.keys(retention.producers).length;
    expect(rules).toHaveLength(producers + 3);
    expect(text).toContain('the number of producers and three more');
  });
});
