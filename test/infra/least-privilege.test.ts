import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { leastPrivilegePage, type Template } from '../../infra/least-privilege.ts';
import { synthesized } from '../support/house/synthesized.ts';

/** The first synth of a process loads the whole library: long on a busy machine. */
vi.setConfig({ hookTimeout: 240_000 });

const page = readFileSync(new URL('../../docs/least-privilege.md', import.meta.url), 'utf8');

describe('docs/least-privilege.md', () => {
  let generated: string;
  beforeAll(() => {
    const { state, service } = synthesized();
    // Both in the order of file names, in which cdk.out is read.
    generated = leastPrivilegePage([service.toJSON() as Template, state.toJSON() as Template]);
  });

  test('is what the templates say now; `npm run docs:least-privilege` writes it', () => {
    expect(page).toBe(generated);
  });

  test('has a section for every role, lane and policy to attach', () => {
    expect([...page.matchAll(/^## (.+)$/gm)].map(([, title]) => title)).toEqual([
      'In the registry',
      'ApiRole',
      'AuditorPolicy (to attach)',
      'FirstSweepRole',
      'IngestRole',
      'LanecontactsDisposeRole',
      'LaneinvoicefilesDisposeRole',
      'LaneinvoicesDisposeRole',
      'LaneusageDisposeRole',
      'OperatorPolicy (to attach)',
      'ProducerPolicy (to attach)',
      'SealRole',
      'SenderPolicy (to attach)',
      'SweepRole',
      'WakeUpsRole',
    ]);
  });
});

const STATEMENT = {
  Effect: 'Allow',
  Action: ['sqs:SendMessage'],
  Resource: { 'Fn::GetAtt': ['Queue1234ABCD', 'Arn'] },
};

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
    const written = leastPrivilegePage([
      templateWith([{ Ref: 'Role12345678' }], { ...STATEMENT, Condition }),
    ]);
    expect(written).toContain(
      '| `sqs:SendMessage` | `<Queue>` | `kms:ViaService` is `sqs` or `s3`; `aws:SourceArn` is `x` (ArnLike) |',
    );
  });

  test('says that a key has to be in the request', () => {
    const Condition = { Null: { 'dynamodb:LeadingKeys': 'false' } };
    const written = leastPrivilegePage([
      templateWith([{ Ref: 'Role12345678' }], { ...STATEMENT, Condition }),
    ]);
    expect(written).toContain('| `<Queue>` | `dynamodb:LeadingKeys` is in the request |');
  });

  test('leaves no policy out: one of an unknown role fails it', () => {
    expect(() => leastPrivilegePage([templateWith([{ Ref: 'Other12345678' }])])).toThrow(
      'A policy is attached to roles that are in no template: Other. Pass the templates of all stacks.',
    );
  });

  test('does not guess at what it cannot read', () => {
    const statement = { ...STATEMENT, Resource: { 'Fn::Sub': 'x' } };
    expect(() => leastPrivilegePage([templateWith([{ Ref: 'Role12345678' }], statement)])).toThrow('Fn::Sub');
  });
});
