import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ReportedHolding, subjectPage } from '../../../shared/domain/people/subject-report.ts';

const asOf = '2026-03-05T14:22:10.000Z';
const INVOICE: ReportedHolding = {
  refs: { subject: 'pdMS_QNsscAiY4i_BtnKpQ' },
  store: 'invoices',
  state: 'active',
  categories: ['invoices'],
  purposes: ['accounting'],
  producers: ['shop'],
  registeredAt: '2026-02-01T09:00:00.999Z',
  plan: {
    status: 'due',
    next: {
      action: 'delete',
      window: { basis: 'law' },
      actAt: '2033-12-31T23:00:00.000Z',
      deadline: '2034-01-03T23:00:00.000Z',
      policy: 'shop-policy',
      policyVersion: '4',
      rule: '7 years after the end of the calendar year of invoice.issued',
      reasons: [],
    },
    stages: [],
    explanation: ['invoice.issued happened on 2026-01-31.', 'Next: delete at 2034-01-01T00:00:00+01:00.'],
    overdue: false,
  },
  disposed: [{ stage: 'restrict', outcome: 'restricted', at: '2026-03-01T10:05:00.000Z' }],
  disposedBeforeFact: false,
};
const { plan: _, ...bare } = INVOICE;
const GONE: ReportedHolding = {
  ...bare,
  store: 'orders',
  state: 'disposed',
  categories: ['profile'],
  disposed: [
    {
      stage: 'delete',
      outcome: 'deleted',
      at: '2026-03-01T10:05:00.000Z',
      unrecoverableAt: '2026-04-05T10:05:00.000Z',
    },
  ],
};

/** What a reader sees: tags away, line ends between them to one space. */
function read(html: string): string {
  const [, body = ''] = html.split('<body>');
  return body.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
}

const page = (...holdings: readonly ReportedHolding[]): string =>
  subjectPage({ type: 'person', asOf, holdings });

describe('the report about a subject', () => {
  test('says what is held where, for what, until when and by which rule, and what was disposed of', () => {
    const said = read(page(INVOICE, GONE));
    expect(said).toContain('Records about one person');
    expect(said).toContain(
      'As of 2026-03-05 14:22, one record is held in one store, and one is no longer held.',
    );
    expect(said).toContain('In the deletion log, the subject is called pdMS_QNsscAiY4i_BtnKpQ .');
    expect(said).toContain(
      'In the store invoices invoices: one record Held for accounting. Registered by shop on 2026-02-01. Restricted in its use on 2026-03-01 10:05. To be deleted on 2033-12-31 23:00, at the latest by 2034-01-03 23:00. 7 years after the end of the calendar year of invoice.issued From the policy shop-policy, version 4, by law. invoice.issued happened on 2026-01-31.',
    );
    expect(said).toContain('orders profile accounting 1 Deleted on 2026-03-01 10:05 2026-04-05 10:05');
  });

  test('counts records of which it says the same, and shows each store once', () => {
    const html = page(INVOICE, GONE, INVOICE, { ...INVOICE, store: 'archive' }, GONE, GONE, INVOICE);
    const said = read(html);
    expect(said).toContain('4 records are held in 2 stores, and 3 are no longer held.');
    expect(said).toContain('invoices: 3 records');
    expect(said).toContain('orders profile accounting 3 Deleted');
    expect(html.match(/<h3>/g)).toHaveLength(2);
    expect(html.indexOf('In the store archive')).toBeLessThan(html.indexOf('In the store invoices'));
  });

  test('of a subject that nothing is known about says so', () => {
    const said = read(page());
    expect(said).toContain('As of 2026-03-05 14:22, no records are held.');
    expect(said).toContain('What is held Nothing.');
    expect(said).toContain('What is no longer held Nothing.');
  });

  const dateless = (status: string, reasons: readonly string[] = []): ReportedHolding => ({
    ...bare,
    plan: {
      status,
      stages: [{ action: 'delete', policy: 'shop-policy', policyVersion: '4', rule: 'x after y.z', reasons }],
      explanation: [],
      overdue: false,
    },
  });

  test('names the rule that is waited for, and not the rule of a stage that is done', () => {
    const stage = { policy: 'shop-policy', policyVersion: '4' };
    const one: ReportedHolding = {
      ...bare,
      plan: {
        status: 'undetermined',
        stages: [
          { ...stage, action: 'anonymise', part: 'purpose:marketing', rule: '1 hour after b.c', reasons: [] },
          { ...stage, action: 'delete', rule: 'x after y.z', reasons: ['y.z has not happened'] },
        ],
        explanation: [],
        overdue: false,
      },
    };
    expect(read(page(one))).toContain(
      'Kept until what its rule waits for is known (y.z has not happened). x after y.z From the policy',
    );
    expect(page(one)).not.toContain('b.c');
  });

  test.for<[ReportedHolding, string]>([
    [
      dateless('undetermined', ['y.z has not happened']),
      'Kept until what its rule waits for is known (y.z has not happened). x after y.z From the policy',
    ],
    [dateless('conflict'), 'Kept, because its rules contradict each other.'],
    [dateless('not-computable'), 'Kept, because no date can be computed.'],
    [dateless('never'), 'Kept: its rule never lets it go.'],
    [dateless('done'), 'Nothing is left to be done.'],
    [dateless('of-a-later-release'), 'No date: of-a-later-release.'],
    [
      { ...bare, planFailed: 'PLAN_TOO_DEEP' },
      'What is to be done with it could not be computed (PLAN_TOO_DEEP), so it is kept.',
    ],
    [{ ...INVOICE, held: 'hold' }, 'A legal hold keeps it'],
    [{ ...INVOICE, held: 'pause' }, 'Its lane is paused'],
    [{ ...INVOICE, state: 'pending' }, 'Its registration is not complete yet.'],
    [{ ...GONE, disposedBeforeFact: true }, 'A fact that would have kept it arrived after'],
    [{ ...GONE, state: 'withdrawn', disposed: [] }, 'Withdrawn by shop'],
    [
      { ...GONE, disposed: [{ stage: 'delete', part: 'purpose:news', outcome: 'already-so', at: asOf }] },
      'Was already as it should be (delete) (purpose:news) on 2026-03-05 14:22',
    ],
  ])('says of a record: %#', ([holding, text]) => {
    const said = read(page(holding));
    expect(said).toContain(text);
    expect(said).not.toMatch(/undefined|null|NaN|\[object/);
  });

  test('names the subject of each year of registration', () => {
    const other = { ...INVOICE, refs: { subject: 'second' } };
    const { refs: __, ...unlinked } = INVOICE;
    expect(read(page(INVOICE, other, unlinked))).toContain(
      'called pdMS_QNsscAiY4i_BtnKpQ , second (one name for each year of registration).',
    );
    expect(read(page(unlinked))).not.toContain('is called');
  });
});

/** Every text of a holding replaced by one of a stranger. */
function withTexts(text: string): readonly ReportedHolding[] {
  const stage = {
    action: text,
    part: text,
    window: { basis: text },
    actAt: text,
    deadline: `${text} `,
    policy: text,
    policyVersion: text,
    rule: text,
    reasons: [text],
  };
  const plan = { status: text, stages: [stage], explanation: [text], overdue: true };
  const strange: ReportedHolding = {
    refs: { subject: text },
    store: text,
    state: text,
    categories: [text, text],
    purposes: [text],
    producers: [text],
    registeredAt: text,
    plan: { ...plan, next: stage },
    planFailed: text,
    held: text,
    disposed: [{ stage: text, part: text, outcome: text, at: text, unrecoverableAt: text }],
    disposedBeforeFact: true,
  };
  const { plan: __, ...failed } = strange;
  const states = ['active', 'pending', 'disposed', 'withdrawn', text];
  return [
    ...states.map((state) => ({ ...strange, state })),
    { ...strange, plan },
    failed,
    { ...strange, disposed: [{ stage: text, outcome: 'already-so', at: text }] },
  ];
}

/** The tags that a page is made of. */
const TAGS = new RegExp(
  `^<(?:!doctype html|html lang="en"|meta charset="utf-8"|meta name="viewport" content="width=device-width, initial-scale=1"|meta name="referrer" content="no-referrer"|meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"|br|/?(?:html|head|title|style|body|h1|h2|h3|p|section|blockquote|ul|li|code|table|thead|tbody|tr|th|td)(?: class="(?:what|small)")?)>`,
);

/** Tags that are in no page of ours. */
function strangeTags(html: string): readonly string[] {
  const found = [...html.matchAll(/<[^>]*>?/g)].map(([tag]) => tag);
  return found.filter((tag) => !TAGS.test(tag));
}

const HOSTILE = [
  `<script>alert("x")</script> & 'quoted'`,
  `</style><img src=x onerror=alert(1)>`,
  `" onmouseover="alert(1)`,
  '<count>',
  '$& $1 $<x> $$',
  '&lt;b&gt; &amp;amp;',
  '<!--',
  ']]><a href="https://example.org">',
];

describe('the page of a report', () => {
  test.for(HOSTILE)('stands alone, whatever is in policies and names: %s', (text) => {
    const html = subjectPage({ type: text, asOf: text, holdings: withTexts(text) });
    expect(strangeTags(html)).toEqual([]);
    expect(html).not.toMatch(/<script|<a |<img|<link|@import|url\(/);
    expect(html).toContain("default-src 'none'");
    const shown = text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;');
    expect(html).toContain(`<title>Records about one ${shown}</title>`);
    expect(html).toContain(`<h3>In the store ${shown}</h3>`);
    expect(html).toContain(`<blockquote>${shown}</blockquote>`);
    expect(html).toContain(`<p class="what">${shown}, ${shown}: `);
    expect(html).toContain(`<li>${shown}</li>`);
  });

  test('is made only of its own tags, for any texts', () => {
    const text = fc.string({ unit: fc.constantFrom('<', '>', '&', '"', "'", '$', 'T', '1', ' ', 'a', '/') });
    fc.assert(
      fc.property(text, (any) => {
        const html = subjectPage({ type: any, asOf: any, holdings: withTexts(any) });
        expect(strangeTags(html)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
