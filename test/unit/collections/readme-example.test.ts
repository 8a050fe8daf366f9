import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { compileConfiguration } from '../../../shared/domain/configuration/compile-configuration.ts';
import type { RetentionConfig } from '../../../shared/domain/configuration/configuration-schema.ts';
import { parseIncoming } from '../../../shared/contract/cloud-event.ts';
import { STORE_KINDS } from '../../../shared/stores/kinds.ts';
import { policyFrom } from '../../support/rules/policy-text.ts';
import { role } from '../../support/rules/configuration-text.ts';

const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

/** The first block of this language. */
function block(language: string): string {
  const [, text] = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(README) ?? [];
  if (text === undefined) throw new Error(`README.md has no block of ${language}`);
  return text;
}

test('the first example of the README needs no registration, and compiles as it stands', () => {
  const policies = [
    policyFrom(
      [
        'format: 1',
        'policy: accounts',
        "version: '2026-01-01'",
        'effectiveFrom: 2026-01-01',
        'document: Privacy policy, 1 January 2026',
        'zone: Europe/Berlin',
        'regions: [eu-central-1]',
        'purposes: [service]',
        'events:',
        '  account.closed: { entity: account }',
        block('yaml').replace(
          '    rule:',
          "    description: Uploads.\n    source: { sentence: 'We delete your uploads.' }\n    rule:",
        ),
      ].join('\n'),
      {},
    ),
  ];
  // Names and texts only: it is data in JavaScript, which YAML reads, too.
  const data = `{${block('ts').replaceAll(/^ *\/\/.*$/gm, '')}}`;
  const { stores } = parse(data) as Pick<RetentionConfig, 'stores'>;
  const compiled = compileConfiguration(
    {
      policies: ['policies/accounts.yaml'],
      entityTypes: { account: { ids: 'owned' } },
      stores,
      producers: {
        portal: {
          source: 'com.example.portal',
          principals: [role('portal')],
          stores: { uploads: {} },
          categories: ['uploads'],
          events: ['account.closed'],
        },
      },
      operators: [role('operator')],
    },
    { policies },
    STORE_KINDS,
  );
  expect(compiled.ok ? [] : compiled.problems).toEqual([]);
  const event = JSON.parse(block('json')) as Record<string, unknown>;
  expect(parseIncoming(event)).toMatchObject({
    ok: true,
    value: { kind: 'event', entity: { type: 'account', id: '42' } },
  });
});
