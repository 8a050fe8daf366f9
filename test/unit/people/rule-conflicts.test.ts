import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { PolicyRule } from '../../../shared/domain/configuration/policy.ts';
import { printConflict, ruleConflicts } from '../../../shared/domain/plan/rule-conflicts.ts';
import { aPolicy, aRule, planOf } from '../../support/rules/rule-world.ts';
import { tenure } from '../../support/run-tenure.ts';

function law(text: string, jurisdiction?: string, document = `Law of ${jurisdiction}`): PolicyRule {
  const where = jurisdiction === undefined ? {} : { jurisdiction };
  const id = `law ${jurisdiction ?? ''} ${text}`;
  return aRule(text, { id, level: 'statutory', source: { document }, ...where });
}

function told(...rules: readonly PolicyRule[]): readonly string[] {
  return ruleConflicts({ policies: [aPolicy({ books: rules })] }).map(printConflict);
}

const german = law('10 years after invoice.issued', 'DE', 'Commercial Code');
const french = law('within 30 days after invoice.issued', 'FR', 'Code de commerce');
const usual = aRule('within 1 year after invoice.issued');
const HEAD = 'test-policy 1, category books';

describe('the report of conflicts', () => {
  test.each<[string, readonly PolicyRule[], readonly string[]]>([
    ['has nothing without laws and jurisdictions', [usual, aRule('2 years after invoice.issued')], []],
    [
      'has nothing for a law that leaves time',
      [law('at least 1 year and at most 2 years after invoice.issued')],
      [],
    ],
    [
      'has two laws that count everywhere',
      [
        law('3 years after invoice.issued', undefined, 'Tax Code'),
        law('within 1 year after invoice.issued', undefined, 'Privacy Act'),
      ],
      [
        `${HEAD}: “3 years after invoice.issued” (Tax Code) keeps a record longer than “within 1 year after invoice.issued” (Privacy Act) allows`,
      ],
    ],
    [
      'has laws of two places, which meet where a record is about people in both',
      [german, french],
      [
        `${HEAD}, for people in DE and in FR: “10 years after invoice.issued” (DE, Commercial Code) keeps a record longer than “within 30 days after invoice.issued” (FR, Code de commerce) allows`,
      ],
    ],
    [
      'has the law of one place and the rule for all others',
      [german, usual],
      [
        `${HEAD}, for people in DE and elsewhere: “10 years after invoice.issued” (DE, Commercial Code) keeps a record longer than “within 1 year after invoice.issued” allows`,
      ],
    ],
    [
      'has rules of one place that contradict each other',
      [
        aRule('3 years after invoice.issued', { level: 'jurisdiction', jurisdiction: 'DE', id: 'a' }),
        aRule('within 1 year after invoice.issued', { level: 'jurisdiction', jurisdiction: 'DE', id: 'b' }),
      ],
      [
        `${HEAD}, for people in DE: “3 years after invoice.issued” (DE) keeps a record longer than “within 1 year after invoice.issued” (DE) allows`,
      ],
    ],
    [
      'says that it depends on the dates where two rules count from different events',
      [german, law('within 30 days after contract.ended', 'FR')],
      [
        `${HEAD}, for people in DE and in FR: “10 years after invoice.issued” (DE, Commercial Code) may keep a record longer, depending on the dates, than “within 30 days after contract.ended” (FR, Law of FR) allows`,
      ],
    ],
    [
      'has a law that keeps for ever, and one that does not',
      [law('keep permanently', 'DE'), french],
      [
        `${HEAD}, for people in DE and in FR: “keep permanently” (DE, Law of DE) keeps a record longer than “within 30 days after invoice.issued” (FR, Code de commerce) allows`,
      ],
    ],
    [
      'has nothing where a record is anonymised in time, because it may be deleted then',
      [law('anonymise within 2 years after invoice.issued', 'FR'), law('1 year after invoice.issued', 'DE')],
      [],
    ],
    [
      'has a law that anonymises too late for another one that deletes',
      [law('anonymise within 1 year after invoice.issued', 'FR'), german],
      [
        `${HEAD}, for people in DE and in FR: “10 years after invoice.issued” (DE, Commercial Code) keeps a record longer than “anonymise within 1 year after invoice.issued” (FR, Law of FR) allows`,
      ],
    ],
    [
      'has nothing of rules that a law replaces',
      [
        law('10 years after invoice.issued', undefined, 'Tax Code'),
        usual,
        aRule('within 1 day after invoice.issued', { level: 'jurisdiction', jurisdiction: 'DE', id: 'b' }),
      ],
      [],
    ],
  ])('%s', (_, rules, sentences) => {
    expect(told(...rules)).toEqual(sentences);
  });

  test('tells what a plan comes to: what it says is always in conflict is so, in either order', () => {
    const policy = aPolicy({ books: [german, french] }, { attributes: { jurisdiction: { type: 'text' } } });
    const about = (jurisdiction: string) => ({ attributes: { jurisdiction } });
    const result = planOf({
      policies: [policy],
      subjects: [{ events: { 'invoice.issued': '2020-01-01' } }],
      variants: [about('DE'), about('FR')],
    });
    expect(result.status).toBe('conflict');
    expect(result.stages[0]?.reasons).toEqual([
      '“10 years after invoice.issued” (DE, Commercial Code) allows it only from 2030-01-02T00:00:00+00:00 on, but “within 30 days after invoice.issued” (FR, Code de commerce) requires it by 2020-02-01T00:00:00+00:00',
    ]);
  });
});

const folder = mkdtempSync(join(tmpdir(), 'tenure-conflicts-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('tenure policy check', () => {
  const file = join(folder, 'books.yaml');
  const text = `format: 1
policy: books
version: '1'
effectiveFrom: 2025-01-01
zone: Europe/Berlin
regions: [eu-central-1]
attributes: { jurisdiction: text }
events:
  invoice.issued: { entity: invoice }
categories:
  invoices:
    rule: 2 years after invoice.issued
    statutory:
      jurisdictions:
        DE: { rule: 10 years after invoice.issued, source: { document: Commercial Code, sentence: Ten years. } }
        FR: { rule: within 30 days after invoice.issued, source: { document: Code de commerce } }
`;

  test('lists the conflicts with both rules and sources, and they are not mistakes', async () => {
    writeFileSync(file, text);
    const plain = await tenure(['policy', 'check', file]);
    expect(plain.code).toBe(0);
    expect(plain.out.split('\n')).toEqual([
      'books 1: invoices',
      'conflict: books 1, category invoices, for people in DE and in FR: “10 years after invoice.issued” (DE, Commercial Code) keeps a record longer than “within 30 days after invoice.issued” (FR, Code de commerce) allows',
      'conflict: books 1, category invoices, for people in FR and elsewhere: “2 years after invoice.issued” keeps a record longer than “within 30 days after invoice.issued” (FR, Code de commerce) allows',
      '',
    ]);
    expect(plain.err).toContain('tenure attention conflict');
    const json = await tenure(['policy', 'check', file, '--json']);
    expect(JSON.parse(json.out)).toMatchObject({
      ok: true,
      conflicts: [
        {
          policy: 'books',
          version: '1',
          category: 'invoices',
          jurisdictions: ['DE', 'FR'],
          kind: 'always',
          minimum: {
            id: 'invoices/statutory/DE/0',
            text: '10 years after invoice.issued',
            level: 'statutory',
            basis: 'law',
            jurisdiction: 'DE',
            source: { document: 'Commercial Code', sentence: 'Ten years.' },
          },
          maximum: { id: 'invoices/statutory/FR/0', source: { document: 'Code de commerce' } },
        },
        { jurisdictions: ['FR', 'elsewhere'], minimum: { level: 'category' } },
      ],
    });
  });
});
