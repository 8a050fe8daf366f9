import { describe, expect, test } from 'vitest';
import { personLetter, personPage, type Told } from '../../../shared/domain/people/person-text.ts';
import { REQUEST_KINDS, REQUEST_STATES } from '../../../shared/domain/people/request.ts';
import { PROGRESS_STATES } from '../../../shared/protocol/people/request-progress.ts';
import { aRequest } from '../../support/people-requests.ts';

const at = (iso: string): number => Date.parse(iso);
const NOW = at('2026-03-05T10:00:00Z');
const request = aRequest({
  state: 'running',
  receivedAt: at('2026-03-01T10:00:00Z'),
  deadline: at('2026-04-01T10:00:00Z'),
});

const LAW: Told = {
  state: 'kept-by-law',
  categories: ['invoices'],
  action: 'delete',
  at: at('2033-12-31T23:00:00Z'),
  restricted: true,
  rule: '7 years after the end of the calendar year of invoice.issued',
  source: { document: 'Tax code § 147', sentence: 'Books are kept for seven years.' },
};
const GONE: Told = {
  state: 'gone',
  categories: ['profile'],
  action: 'delete',
  at: at('2026-03-01T10:05:00Z'),
};

describe('the text for the person', () => {
  test('says what was deleted, what is kept, under which law and until when, and what can be done', () => {
    const { title, introduction, paragraphs, rights } = personLetter(request, [LAW, GONE, GONE], NOW);
    expect(title).toBe('Your request to delete your data');
    expect(introduction).toBe(
      'We received your request on 2026-03-01. Your request is about 3 records. This is how things stood on 2026-03-05. You get our full answer by 2026-04-01 at the latest.',
    );
    expect(paragraphs).toEqual([
      { says: 'These records were deleted on 2026-03-01.', categories: ['profile'], records: 2, notes: [] },
      {
        says: 'The law requires us to keep these records until 2033-12-31. After that they are deleted.',
        categories: ['invoices'],
        records: 1,
        rule: LAW.rule,
        sentence: 'Books are kept for seven years.',
        document: 'Tax code § 147',
        notes: ['Until then its use is restricted: it is stored, and used for nothing else.'],
      },
    ]);
    expect(rights.at(-1)).toMatch(/complain to the data protection authority/);
  });

  test('has a sentence for every kind, state and fate, and none of them is empty or unfinished', () => {
    for (const kind of REQUEST_KINDS)
      for (const state of REQUEST_STATES)
        for (const fate of PROGRESS_STATES)
          for (const when of [undefined, NOW]) {
            const told: Told = { state: fate, categories: ['a'], ...(when !== undefined && { at: when }) };
            const { introduction, paragraphs } = personLetter({ ...request, kind, state }, [told], NOW);
            expect(introduction).toMatch(/\.$/);
            expect(paragraphs[0]?.says).toMatch(/^[A-Z].*\.$/);
            expect(`${introduction} ${paragraphs[0]?.says}`).not.toMatch(/undefined|null|NaN/);
          }
  });

  test('says how to open a copy, once it is there', () => {
    const rightsOf = (change: object): string =>
      personLetter({ ...request, kind: 'export', state: 'closed', ...change }, [], NOW).rights.join(' ');
    expect(rightsOf({})).toContain(
      'manifest.json lists what the copy has, and what was left out of it and why',
    );
    for (const change of [{ state: 'running' }, { state: 'refused' }, { kind: 'access' }] as const)
      expect(rightsOf(change)).not.toContain('manifest.json');
  });

  test('of a person without records says so', () => {
    const { introduction, paragraphs } = personLetter(request, [], NOW);
    expect(introduction).toContain('We hold no records about you');
    expect(paragraphs).toEqual([]);
  });

  test('as a page stands alone: it has no script and no link, and everything in it is escaped', () => {
    const nasty = `<script>alert("x")</script> & 'quoted'`;
    const told: Told = {
      ...LAW,
      categories: [nasty],
      rule: nasty,
      source: { document: nasty, sentence: nasty },
    };
    const html = personPage(personLetter(request, [told], NOW), NOW);
    expect(html).not.toMatch(/<script|<a |<img|<link|https?:|@import|url\(/);
    expect(html).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;quoted&#39;');
    expect(html).toContain("default-src 'none'");
    expect(html.startsWith('<!doctype html>')).toBe(true);
  });
});
