import { AwsV4Signer } from 'aws4fetch';
import { describe, expect, test } from 'vitest';
import { dynamoSigner } from '../../../shared/adapters/dynamodb/signature.ts';

const request = {
  host: 'dynamodb.eu-central-1.amazonaws.com',
  region: 'eu-central-1',
  target: 'DynamoDB_20120810.GetItem',
  body: '{"TableName":"Grüße"}',
  at: new Date('2026-03-01T10:05:07.890Z'),
};
const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};

/** What an independent signer makes of the same headers. */
async function expected(who: typeof credentials & { readonly sessionToken?: string }, at: Date) {
  const signer = new AwsV4Signer({
    ...who,
    service: 'dynamodb',
    region: request.region,
    url: `https://${request.host}/`,
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': request.target },
    body: request.body,
    datetime: at.toISOString().replaceAll(/[:-]|\.\d{3}/g, ''),
    allHeaders: true,
  });
  return (await signer.sign()).headers.get('authorization');
}

describe('a signature', () => {
  const sign = dynamoSigner();

  test('is what an independent signer computes', async () => {
    const { authorization } = sign(credentials, request);
    expect(authorization).toBe(await expected(credentials, request.at));
  });

  test('covers the session token of a role', async () => {
    const who = { ...credentials, sessionToken: 'token/of+a/session==' };
    const headers = sign(who, request);
    expect(headers['x-amz-security-token']).toBe(who.sessionToken);
    expect(headers['authorization']).toBe(await expected(who, request.at));
  });

  test('follows a new day and new credentials', async () => {
    const at = new Date('2026-03-02T00:00:00Z');
    expect(sign(credentials, { ...request, at })['authorization']).toBe(await expected(credentials, at));
    const other = { accessKeyId: 'AKIDOTHER', secretAccessKey: 'another' };
    expect(sign(other, { ...request, at })['authorization']).toBe(await expected(other, at));
  });
});
