import { expect, test } from 'vitest';
import { dynamoFailure } from '../../../shared/stores/dynamodb/dynamodb-calls.ts';
import { postgresFailure } from '../../../shared/stores/postgresql/postgresql-failure.ts';
import { isOtherObject, namedFailure, s3Failure } from '../../../shared/stores/s3/s3-failure.ts';
import { actedFailure, networkFailure } from '../../../shared/stores/store-failure.ts';

const coded = (code: string) => Object.assign(new Error('never looked at'), { code });
const named = (name: string) => Object.assign(new Error('never looked at'), { name });

test.each([
  ['ThrottlingException', 'STORE_THROTTLED'],
  ['RequestLimitExceeded', 'STORE_THROTTLED'],
  ['TransactionConflictException', 'STORE_THROTTLED'],
  ['UnrecognizedClientException', 'STORE_DENIED'],
  ['CredentialsProviderError', 'STORE_DENIED'],
  ['TimeoutError', 'STORE_TIMEOUT'],
  ['AbortError', 'STORE_TIMEOUT'],
  ['SomethingNew', 'STORE_ERROR'],
])('DynamoDB: %s is %s', (name, code) => {
  expect(dynamoFailure(named(name))).toBe(code);
});

test.each([
  ['08006', 'STORE_UNREACHABLE', 'batch'],
  ['57P01', 'STORE_UNREACHABLE', 'batch'],
  ['25006', 'STORE_UNREACHABLE', 'batch'],
  ['57014', 'STORE_TIMEOUT', 'slow'],
  ['25P03', 'STORE_TIMEOUT', 'batch'],
  ['25P04', 'STORE_TIMEOUT', 'batch'],
  ['40003', 'STORE_UNREACHABLE', 'batch'],
  ['55P03', 'STORE_TIMEOUT', 'row'],
  ['53300', 'STORE_THROTTLED', 'batch'],
  ['40P01', 'STORE_THROTTLED', 'row'],
  ['28P01', 'STORE_DENIED', 'batch'],
  ['42501', 'STORE_DENIED', 'batch'],
  ['42P01', 'STORE_SCHEMA', 'batch'],
  ['22001', 'STORE_SCHEMA', 'row'],
  ['55000', 'STORE_SCHEMA', 'batch'],
  ['23503', 'STORE_CONSTRAINT', 'row'],
  ['P0001', 'STORE_CONSTRAINT', 'row'],
  ['XX000', 'STORE_ERROR', 'batch'],
])('PostgreSQL: %s is %s for the %s', (state, code, scope) => {
  expect(postgresFailure(coded(state), false)).toEqual({ code, scope });
});

test.each([
  ['42501', 'STORE_DENIED'],
  ['42P01', 'STORE_SCHEMA'],
  ['TN001', 'STORE_CONSTRAINT'],
  ['45000', 'STORE_CONSTRAINT'],
  ['XX000', 'STORE_ERROR'],
  ['58030', 'STORE_ERROR'],
])(
  'PostgreSQL: %s from code that is attached to the table is %s, perhaps for one row only',
  (state, code) => {
    const error = Object.assign(coded(state), { where: 'never looked at' });
    expect(postgresFailure(error, false)).toEqual({ code, scope: 'row' });
  },
);

test.each([
  ['SlowDown', 'STORE_THROTTLED'],
  ['ConditionalRequestConflict', 'STORE_THROTTLED'],
  ['AccessDenied', 'STORE_DENIED'],
  ['CredentialsProviderError', 'STORE_DENIED'],
  ['KMS.DisabledException', 'STORE_DENIED'],
  ['NoSuchBucket', 'STORE_SCHEMA'],
  ['PermanentRedirect', 'STORE_SCHEMA'],
  ['InvalidObjectState', 'STORE_CONSTRAINT'],
  ['TimeoutError', 'STORE_TIMEOUT'],
  ['toString', 'STORE_ERROR'],
  ['SomethingNew', 'STORE_ERROR'],
])('S3: %s is %s', (name, code) => {
  expect(s3Failure(named(name))).toBe(code);
  expect(namedFailure(name) ?? 'STORE_ERROR').toBe(code);
});

test.each([
  [301, 'STORE_SCHEMA'],
  [403, 'STORE_DENIED'],
  [503, 'STORE_THROTTLED'],
  [500, 'STORE_ERROR'],
])('S3: an error without a name is recognised by its status: %i is %s', (httpStatusCode, code) => {
  expect(s3Failure(Object.assign(named('Unknown'), { $metadata: { httpStatusCode } }))).toBe(code);
});

test('S3: a failed condition is not a failure of the store', () => {
  expect(
    ['PreconditionFailed', 'NoSuchKey', 'NoSuchVersion'].map((name) => isOtherObject(named(name))),
  ).toEqual([true, true, true]);
  expect(isOtherObject(named('NoSuchBucket'))).toBe(false);
});

test('PostgreSQL: an error without a state is a lost connection, or time that ran out', () => {
  for (const error of [
    new Error('Connection terminated'),
    coded('ERR_TLS_CERT_ALTNAME_INVALID'),
    'text',
    undefined,
  ]) {
    expect(postgresFailure(error, false).code).toBe('STORE_UNREACHABLE');
    expect(postgresFailure(error, true).code).toBe('STORE_TIMEOUT');
  }
});

test('a network error is found inside the error that wraps it', () => {
  const refused = new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')]);
  expect(networkFailure(new Error('wrapped', { cause: refused }))).toBe('STORE_UNREACHABLE');
  expect(networkFailure(coded('ETIMEDOUT'))).toBe('STORE_TIMEOUT');
  expect(networkFailure(new Error('ECONNREFUSED'))).toBeUndefined();
});

test('an error that is its own cause does not make the search endless', () => {
  const loop = new Error('loop');
  loop.cause = loop;
  expect(networkFailure(loop)).toBeUndefined();
});

test('what a person has to change is refused, and what may pass by itself has failed', () => {
  expect(actedFailure('STORE_CONSTRAINT')).toEqual({ outcome: 'refused', code: 'STORE_CONSTRAINT' });
  expect(actedFailure('STORE_THROTTLED')).toEqual({ outcome: 'failed', code: 'STORE_THROTTLED' });
});
