import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { LISTED_APPS } from '../../infra/build/listed-apps.ts';
import { leastPrivilegePage, type Template } from '../../infra/least-privilege.ts';
import { synthesized } from '../support/house/synthesized.ts';

/** The first synth of a process loads the whole library: long on a busy machine. */
vi.setConfig({ hookTimeout: 240_000 });

const page = readFileSync(new URL('../../docs/least-privilege.md', import.meta.url), 'utf8');

describe('docs/least-privilege.md', () => {
  let generated: string;
  beforeAll(() => {
    const apps = LISTED_APPS.map(({ title, config, folder }) => {
      const { state, service } = synthesized(config, { folder });
      return { title, templates: [state.toJSON() as Template, service.toJSON() as Template] };
    });
    generated = leastPrivilegePage(apps);
  });

  test('is what the templates say now; `npm run docs:least-privilege` writes it', () => {
    expect(page).toBe(generated);
  });

  test('has a section for every role, lane and policy to attach, of both apps', () => {
    const common = [
      'ApiRole',
      'AuditorPolicy (to attach)',
      'FirstSweepRole',
      'IngestRole',
      'OperatorPolicy (to attach)',
      'ProducerPolicy (to attach)',
      'SealRole',
      'SenderPolicy (to attach)',
      'SweepRole',
      'WakeUpsRole',
    ];
    const lanesOf = LISTED_APPS.map(({ config }) =>
      Object.keys(config.stores).map((store) => `Lane${store.replaceAll('-', '')}DisposeRole`),
    );
    const sections = page.split(/^## /m).slice(2);
    expect(sections.map((section) => section.split('\n')[0])).toEqual(LISTED_APPS.map(({ title }) => title));
    expect(
      sections.map((section) => [...section.matchAll(/^### (.+)$/gm)].map(([, title]) => title)),
    ).toEqual(lanesOf.map((lanes) => [...common, ...lanes].toSorted((a, b) => (a < b ? -1 : 1))));
    expect(lanesOf.flat()).toEqual(
      expect.arrayContaining(['LanecontactsDisposeRole', 'LanepicturesDisposeRole']),
    );
  });
});

const STATEMENT = {
  Effect: 'Allow',
  Action: ['sqs:SendMessage'],
  Resource: { 'Fn::GetAtt': ['Queue1234ABCD', 'Arn'] },
};

function pageOf(templates: readonly Template[]): string {
  return leastPrivilegePage([{ title: 'An app', templates }]);
}

function templateWith(Roles: readonly unknown[], statement: object = STATEMENT): Template {
  return {
    Resources: {
      Role12345678: { Type: 'AWS::IAM::Role', Properties: { Description: 'Sends' } },
      Policy: {
        Type: 'AWS::IAM::Policy',
        Properties: { Roles, PolicyDocument: { Statement: [statement] } },
      },
    },
  };
}

describe('the page of privileges', () => {
  test('names actions, what they are for, and conditions', () => {
    const Condition = {
      StringEquals: { 'kms:ViaService': ['sqs', 's3'] },
      ArnLike: { 'aws:SourceArn': 'x' },
    };
    const written = pageOf([templateWith([{ Ref: 'Role12345678' }], { ...STATEMENT, Condition })]);
    expect(written).toContain(
      '| `sqs:SendMessage` | `<Queue>` | `kms:ViaService` is `sqs` or `s3`; `aws:SourceArn` is `x` (ArnLike) |',
    );
  });

  test('says that a key has to be in the request', () => {
    const Condition = { Null: { 'dynamodb:LeadingKeys': 'false' } };
    const written = pageOf([templateWith([{ Ref: 'Role12345678' }], { ...STATEMENT, Condition })]);
    expect(written).toContain('| `<Queue>` | `dynamodb:LeadingKeys` is in the request |');
  });

  test('lists what is in a managed policy of a role with the role, and not as a policy to attach', () => {
    const overflow = {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: { Roles: [{ Ref: 'Role12345678' }], PolicyDocument: { Statement: [STATEMENT] } },
    };
    const { Resources } = templateWith([]);
    const { Role12345678 } = Resources;
    if (Role12345678 === undefined) throw new Error('the template has no role');
    const written = pageOf([{ Resources: { Role12345678, Overflow12345678: overflow } }]);
    expect(written).toContain(
      '### Role\n\nSends.\n\n| actions | resource | condition |\n|---|---|---|\n| `sqs:Se',
    );
    expect(written).not.toContain('to attach');
  });

  test('leaves no policy out: one of an unknown role fails it', () => {
    expect(() => pageOf([templateWith([{ Ref: 'Other12345678' }])])).toThrow(
      'A policy is attached to roles that are in no template: Other. Pass the templates of all stacks.',
    );
  });

  test('does not guess at what it cannot read', () => {
    const statement = { ...STATEMENT, Resource: { 'Fn::Sub': 'x' } };
    expect(() => pageOf([templateWith([{ Ref: 'Role12345678' }], statement)])).toThrow('Fn::Sub');
  });
});
