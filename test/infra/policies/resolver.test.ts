import { describe, expect, test } from 'vitest';
import type { Stack, Template } from '../../policies/assembly.ts';
import { mutantsOf } from '../../policies/mutants.ts';
import type { Statement } from '../../policies/policies.ts';
import { resolverOf } from '../../policies/resolver.ts';

const ACCOUNT = '111122223333';
const QUEUE = { Type: 'AWS::SQS::Queue' };

function stackOf(name: string, template: Template, more: Partial<Stack> = {}): Stack {
  return { name, account: ACCOUNT, region: 'eu-central-1', template, nested: new Map(), ...more };
}

function resolved(found: unknown, ...others: readonly Stack[]): unknown {
  const stack = stackOf('app', {
    Resources: {
      Q: QUEUE,
      Named: { ...QUEUE, Properties: { QueueName: { 'Fn::Sub': '${AWS::Region}-q' } } },
    },
    Parameters: { P: { Default: 'p' } },
  });
  const assembly = { folder: '', stacks: [stack, ...others], assets: new Map<string, string>() };
  return resolverOf(assembly).value(found, stack);
}

describe('the resolver of templates', () => {
  test.for<[unknown, unknown]>([
    [{ Ref: 'AWS::Partition' }, 'aws'],
    [{ Ref: 'P' }, 'p'],
    [{ Ref: 'Q' }, `https://sqs.eu-central-1.amazonaws.com/${ACCOUNT}/app-Q`],
    [{ 'Fn::GetAtt': ['Q', 'Arn'] }, `arn:aws:sqs:eu-central-1:${ACCOUNT}:app-Q`],
    [{ 'Fn::GetAtt': 'Named.QueueName' }, 'eu-central-1-q'],
    [{ 'Fn::Join': ['/', ['a', { Ref: 'P' }]] }, 'a/p'],
    [{ 'Fn::Select': [1, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] }, 'app'],
    [{ 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
    [{ 'Fn::Sub': ['${A}-${P}-${Q.QueueName}-${!X}', { A: { Ref: 'P' } }] }, 'p-p-app-Q-${X}'],
    [[{ Ref: 'AWS::NoValue' }, { a: { Ref: 'AWS::NoValue' }, b: 1 }], [{ b: 1 }]],
  ])('%j', ([found, expected]) => {
    expect(resolved(found)).toEqual(expected);
  });

  test('follows outputs of other stacks, by name and by export', () => {
    const other = stackOf('other', {
      Resources: { R: { Type: 'AWS::IAM::Role' } },
      Outputs: { Out: { Value: { 'Fn::GetAtt': ['R', 'Arn'] }, Export: { Name: 'other:R' } } },
    });
    const arn = `arn:aws:iam::${ACCOUNT}:role/other-R`;
    expect(resolved({ 'Fn::GetStackOutput': { StackName: 'other', OutputName: 'Out' } }, other)).toBe(arn);
    expect(resolved({ 'Fn::ImportValue': 'other:R' }, other)).toBe(arn);
  });

  test('hands parameters into nested stacks, and takes outputs out of them', () => {
    const parent = stackOf('app', {
      Resources: {
        Q: QUEUE,
        N: {
          Type: 'AWS::CloudFormation::Stack',
          Properties: { Parameters: { Given: { 'Fn::GetAtt': ['Q', 'Arn'] } } },
        },
      },
    });
    const nested = stackOf(
      'app-N',
      { Resources: {}, Parameters: { Given: {} }, Outputs: { Out: { Value: { Ref: 'Given' } } } },
      { parent: { stack: parent, id: 'N' } },
    );
    (parent.nested as Map<string, Stack>).set('N', nested);
    const resolver = resolverOf({ folder: '', stacks: [parent, nested], assets: new Map() });
    expect(resolver.value({ 'Fn::GetAtt': ['N', 'Outputs.Out'] }, parent)).toBe(
      `arn:aws:sqs:eu-central-1:${ACCOUNT}:app-Q`,
    );
  });

  test.for<[unknown, string]>([
    [{ 'Fn::FindInMap': ['a', 'b', 'c'] }, 'Add Fn::FindInMap to resolver.ts'],
    [{ Ref: 'Nothing' }, 'refers to Nothing'],
    [{ 'Fn::GetAtt': ['Q', 'Nothing'] }, 'Add the attribute Nothing'],
    [{ 'Fn::GetStackOutput': { StackName: 'none', OutputName: 'x' } }, 'No stack is called none'],
    [{ 'Fn::ImportValue': 'none' }, 'No stack exports none'],
  ])('does not guess: %j', ([found, message]) => {
    expect(() => resolved(found)).toThrow(message);
  });
});

describe('changes of a policy', () => {
  const ALLOW: Statement = {
    Sid: 'S',
    Effect: 'Allow',
    Action: ['sqs:SendMessage', 'sqs:ReceiveMessage'],
    Resource: 'arn:aws:sqs:::q',
    Condition: { Null: { a: 'false' }, StringEquals: { b: 'x', c: 'y' } },
  };
  const changes = (statement: Statement): readonly string[] =>
    mutantsOf('p', { Version: '2012-10-17', Statement: [statement] }).map(
      ({ change, noticedBy }) => `${change}: ${noticedBy}`,
    );

  test('of an Allow: less has to turn something allowed, more a denial', () => {
    expect(changes(ALLOW)).toEqual([
      'S without sqs:SendMessage: allowed',
      'S without sqs:ReceiveMessage: allowed',
      'S with sqs:*: denied',
      'S on everything: denied',
      'S without Null a: denied',
      'S without StringEquals b: denied',
      'S without StringEquals c: denied',
    ]);
  });

  test('of a Deny: less has to turn a denial, more something allowed', () => {
    expect(
      changes({ Sid: 'D', Effect: 'Deny', Principal: '*', Action: 's3:DeleteObject', Resource: ['a', 'b'] }),
    ).toEqual([
      'D without s3:DeleteObject: denied',
      'D with s3:*: allowed',
      'D without a: denied',
      'D without b: denied',
    ]);
  });

  test('leave the rest of the policy as it is', () => {
    const [, other] = [ALLOW, { ...ALLOW, Sid: 'T' }];
    const [first] = mutantsOf('p', { Version: '2012-10-17', Statement: [ALLOW, other as Statement] });
    expect(first?.document.Statement).toEqual([{ ...ALLOW, Action: ['sqs:ReceiveMessage'] }, other]);
    const [only] = mutantsOf('p', {
      Version: '2012-10-17',
      Statement: [{ ...ALLOW, Action: 'sqs:SendMessage' }, other as Statement],
    });
    expect(only?.document.Statement).toEqual([other]);
  });
});
