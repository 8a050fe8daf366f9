import { describe, expect, test } from 'vitest';
import { type Asked, isAllowed } from '../../support/house/policy.ts';
import type { Statement } from '../../support/house/synthesized.ts';

const TABLE = { 'Fn::GetAtt': ['Table', 'Arn'] };

function allowing(Condition: Statement['Condition'] = {}, changes: Partial<Statement> = {}): Statement {
  return {
    Effect: 'Allow',
    Action: ['dynamodb:PutItem'],
    Resource: [TABLE],
    Condition,
    where: '',
    ...changes,
  };
}

function asking(keys: readonly string[], changes: Partial<Asked> = {}): Asked {
  return { action: 'dynamodb:PutItem', resource: TABLE, context: { k: keys }, ...changes };
}

describe('the evaluator of policies', () => {
  test('allows what a statement names, and nothing else', () => {
    expect(isAllowed([allowing()], asking([]))).toBe(true);
    expect(isAllowed([], asking([]))).toBe(false);
    expect(isAllowed([allowing()], asking([], { action: 'dynamodb:DeleteItem' }))).toBe(false);
    expect(isAllowed([allowing()], asking([], { resource: { Ref: 'Other' } }))).toBe(false);
    expect(isAllowed([allowing({}, { Resource: ['*'] })], asking([]))).toBe(true);
    expect(isAllowed([allowing({}, { Action: ['dynamodb:Put*'] })], asking([]))).toBe(true);
  });

  test('reads patterns of resources that are texts, and the resources that a statement leaves out', () => {
    const log = (statement: Partial<Statement>) =>
      isAllowed([allowing({}, statement)], asking([], { resource: 'arn:log/entries/0' }));
    expect(log({ Resource: ['arn:log/*'] })).toBe(true);
    expect(log({ Resource: ['arn:other/*'] })).toBe(false);
    expect(log({ Resource: [], NotResource: 'arn:log/checkpoint' })).toBe(true);
    expect(log({ Resource: [], NotResource: ['arn:log/checkpoint', 'arn:log/entries/*'] })).toBe(false);
  });

  test('lets a denial win', () => {
    expect(isAllowed([allowing(), allowing({}, { Effect: 'Deny' })], asking([]))).toBe(false);
    const denial = allowing({ StringEquals: { k: 'a' } }, { Effect: 'Deny' });
    expect(isAllowed([allowing(), denial], asking(['b']))).toBe(true);
  });

  // By https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
  test.for<[string, Statement['Condition'], readonly string[], boolean]>([
    ['all values match a pattern', { 'ForAllValues:StringLike': { k: ['a#*', 'b'] } }, ['a#1', 'b'], true],
    ['one value does not', { 'ForAllValues:StringLike': { k: ['a#*', 'b'] } }, ['a#1', 'c'], false],
    ['a pattern is the whole text', { 'ForAllValues:StringLike': { k: ['a#'] } }, ['a#1'], false],
    ['case counts', { 'ForAllValues:StringLike': { k: ['a#*'] } }, ['A#1'], false],
    ['a question mark is one character', { 'ForAllValues:StringLike': { k: 'a?' } }, ['ab'], true],
    ['other characters stand for themselves', { 'ForAllValues:StringLike': { k: 'a.' } }, ['ab'], false],
    ['for all values: of none', { 'ForAllValues:StringLike': { k: ['a'] } }, [], true],
    ['for all values: equal', { 'ForAllValues:StringEquals': { k: ['a', 'b'] } }, ['b'], true],
    ['for all values: a star is a star', { 'ForAllValues:StringEquals': { k: ['*'] } }, ['b'], false],
    ['not null, and there', { Null: { k: 'false' } }, ['a'], true],
    ['not null, and absent', { Null: { k: 'false' } }, [], false],
    ['null, and absent', { Null: { k: 'true' } }, [], true],
    ['equal', { StringEquals: { k: ['a', 'b'] } }, ['a'], true],
    ['equal, and absent', { StringEquals: { k: 'a' } }, [], false],
    ['equal if it is there', { StringEqualsIfExists: { k: 'a' } }, [], true],
    ['not equal though it is there', { StringEqualsIfExists: { k: 'a' } }, ['b'], false],
    ['any value: one is enough', { 'ForAnyValue:StringEquals': { k: ['a', 'b'] } }, ['c', 'b'], true],
    ['any value: of none', { 'ForAnyValue:StringEquals': { k: ['a'] } }, [], false],
    ['any value is another', { 'ForAnyValue:StringNotEquals': { k: ['a', 'b'] } }, ['a', 'c'], true],
    ['no value is another', { 'ForAnyValue:StringNotEquals': { k: ['a', 'b'] } }, ['a', 'b'], false],
    ['another, and absent, of a set', { 'ForAnyValue:StringNotEquals': { k: ['a'] } }, [], false],
    ['an ARN', { ArnEquals: { k: ['a:*', 'b'] } }, ['a:1'], true],
    ['an ARN, and absent', { ArnEquals: { k: ['a'] } }, [], false],
    ['none of these ARNs', { ArnNotEquals: { k: ['a:*', 'b'] } }, ['c'], true],
    ['one of these ARNs', { ArnNotEquals: { k: ['a:*', 'b'] } }, ['a:1'], false],
    ['none of these ARNs, and absent', { ArnNotEquals: { k: ['a'] } }, [], true],
    ['one of two operators fails', { StringEquals: { k: 'a' }, Null: { k: 'true' } }, ['a'], false],
    ['one of two keys fails', { StringEquals: { k: 'a', l: 'a' } }, ['a'], false],
  ])('%s', ([, condition, keys, allowed]) => {
    expect(isAllowed([allowing(condition)], asking(keys))).toBe(allowed);
  });

  test('does not guess at an operator that it does not know, or at several values of one', () => {
    expect(() => isAllowed([allowing({ StringNotLike: { k: 'a' } })], asking(['a']))).toThrow(
      'StringNotLike',
    );
    expect(() => isAllowed([allowing({ StringEquals: { k: 'a' } })], asking(['a', 'b']))).toThrow('several');
  });
});
