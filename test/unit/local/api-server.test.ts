import { AwsV4Signer } from 'aws4fetch';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ApiServer, type GatewayEvent, startApiServer } from '../../../local/api-server.ts';
import { demoKey, demoKeys } from '../../../local/demo-keys.ts';
import { loadDemo } from '../../../local/story/load-demo.ts';
import { callerOf } from '../../../shared/domain/configuration/principal.ts';
import { present } from '../../../shared/domain/present.ts';

const PRINCIPAL = 'arn:aws:sts::111122223333:assumed-role/operator/demonstration';
const KEY = demoKey('operator');

let server: ApiServer;
let events: GatewayEvent[] = [];
beforeEach(async () => {
  events = [];
  const keys = new Map([[KEY.accessKeyId, { secretAccessKey: KEY.secretAccessKey, principal: PRINCIPAL }]]);
  server = await startApiServer(async (event) => {
    events.push(event);
    if (event.rawPath === '/breaks') throw new Error('MARKER');
    const headers = { 'content-type': 'application/problem+json' };
    return { statusCode: 418, headers, body: '{"ä":1}', isBase64Encoded: false };
  }, keys);
});
afterEach(() => server.stop());

async function call(path: string, method: string, body?: string): Promise<Response> {
  const signer = new AwsV4Signer({
    ...KEY,
    url: `${server.url}${path}`,
    method,
    service: 'execute-api',
    ...present({ body }),
  });
  const { url, headers } = await signer.sign();
  return fetch(url, { method, headers, ...present({ body }) });
}

test('the function gets the request as API Gateway hands it over, with who has signed it', async () => {
  const answer = await call('/v1/lanes/a%20b/pause?cursor=x%3D', 'POST', '{"ü":1}');
  expect(events[0]).toMatchObject({
    version: '2.0',
    rawPath: '/v1/lanes/a%20b/pause',
    rawQueryString: 'cursor=x%3D',
    body: Buffer.from('{"ü":1}').toString('base64'),
    isBase64Encoded: true,
    requestContext: { http: { method: 'POST' }, authorizer: { iam: { userArn: PRINCIPAL } } },
  });
  expect(answer.status).toBe(418);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(await answer.text()).toBe('{"ä":1}');
});

test('what is not signed, or too large for API Gateway, never reaches the function', async () => {
  const unsigned = await fetch(`${server.url}/v1/lanes`);
  expect(unsigned.status).toBe(403);
  expect(await unsigned.json()).toEqual({
    message: 'Forbidden: the request is not signed with AWS Signature Version 4',
  });
  expect((await call('/v1/events', 'POST', 'x'.repeat(10_485_761))).status).toBe(413);
  expect(events).toEqual([]);
});

test('a function that breaks is an internal error that quotes nothing', async () => {
  const answer = await call('/breaks', 'GET');
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain('MARKER');
});

test('it listens on the loopback address, and stops with clients connected', async () => {
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  await call('/v1/lanes', 'GET');
  await server.stop();
  await server.stop();
  await expect(fetch(server.url)).rejects.toThrow(TypeError);
});

test('each demonstration key is of one producer or one role, and of no other', async () => {
  const configuration = await loadDemo();
  const keys = demoKeys(configuration);
  expect(keys.size).toBe(Object.keys(configuration.producers).length + 2);
  const callerWith = (name: string) => {
    const { accessKeyId, secretAccessKey } = demoKey(name);
    const owner = keys.get(accessKeyId);
    expect(owner?.secretAccessKey).toBe(secretAccessKey);
    return callerOf(configuration, owner?.principal ?? '');
  };
  for (const producer of Object.keys(configuration.producers)) {
    expect(callerWith(producer)).toEqual({ producer, operator: false, auditor: false });
  }
  expect(callerWith('operator')).toEqual({ operator: true, auditor: false });
  expect(callerWith('auditor')).toEqual({ operator: false, auditor: true });
});
