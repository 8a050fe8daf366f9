import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apiHandler } from '../../functions/api/handler.ts';
import { isErrorCode } from '../../shared/contract/error-codes.ts';
import { ROUTES, type Route } from '../../shared/contract/routes.ts';
import { apiWorld, principals } from '../support/api-world.ts';
import { BAD_VALUES, badTexts, inherited, MARKER, placesIn, textWith } from '../support/bad/bad-json.ts';
import {
  GOOD_CORRECTION,
  GOOD_EVENT,
  GOOD_REGISTRATION,
  GOOD_RETRACTION,
  GOOD_WITHDRAWAL,
} from '../support/bad/bad-items.ts';
import { noteLives } from '../support/model/explored-so-far.ts';
import { samplePath } from '../support/sample-path.ts';

type Event = Parameters<ReturnType<typeof apiHandler>>[0];

/** A deployment's API, called as API Gateway calls it. */
function calledWorld() {
  const world = apiWorld();
  const handler = apiHandler(world);
  const before = inherited();
  async function call(method: string, path: string, body: string | Uint8Array, principal: string) {
    const [rawPath = '', rawQueryString = ''] = path.split('?');
    const isBytes = typeof body !== 'string';
    const answer = await handler({
      version: '2.0',
      routeKey: '$default',
      rawPath,
      rawQueryString,
      headers: { host: 'api.example', 'content-type': 'application/json' },
      isBase64Encoded: isBytes,
      ...(method === 'POST' && { body: isBytes ? Buffer.from(body).toString('base64') : body }),
      requestContext: {
        http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
        domainName: 'api.example',
        requestId: 'r',
        stage: '$default',
        authorizer: { iam: { userArn: principal } },
      },
    } as unknown as Event);
    const lines = JSON.stringify(world.lines.splice(0));
    expect(answer.statusCode).toBeLessThan(500);
    expect(answer.body + lines).not.toContain(MARKER);
    expect(inherited()).toBe(before);
    return { status: answer.statusCode, body: JSON.parse(answer.body) as Record<string, unknown> };
  }
  return { ...world, call };
}

interface Result {
  readonly status: string;
  readonly code?: string;
}

const BATCHES: readonly (readonly [string, string, object])[] = [
  ['/v1/events', 'events', GOOD_EVENT],
  ['/v1/events', 'events', GOOD_CORRECTION],
  ['/v1/events', 'events', GOOD_RETRACTION],
  ['/v1/holdings', 'holdings', GOOD_REGISTRATION],
  ['/v1/holdings/withdraw', 'holdings', GOOD_WITHDRAWAL],
];

/** Sends the item between two good ones: they are accepted. Answers whether the item was refused, with a code. */
async function isRefused(
  world: ReturnType<typeof calledWorld>,
  [path, list, good]: (typeof BATCHES)[number],
  bad: string,
) {
  const first = JSON.stringify(good);
  const { status, body } = await world.call(
    'POST',
    path,
    `{"${list}":[${first},${bad},${first}]}`,
    principals.shop,
  );
  expect(status).toBe(200);
  const results = body['results'] as Result[];
  expect(results.map((result) => result.status === 'accepted')).toEqual([true, expect.anything(), true]);
  expect(world.bus.drain()).toHaveLength(results.filter((result) => result.status === 'accepted').length);
  const { code } = results[1] ?? {};
  expect(code === undefined || isErrorCode(code)).toBe(true);
  return code !== undefined;
}

describe('bad inputs of the API', () => {
  test('in an item refuse the item alone, with a code', async () => {
    const world = calledWorld();
    let refused = 0;
    let accepted = 0;
    for (const batch of BATCHES) {
      expect(await isRefused(world, batch, JSON.stringify(batch[2]))).toBe(false);
      for (const bad of badTexts(batch[2])) {
        if (await isRefused(world, batch, bad)) refused += 1;
        else accepted += 1;
      }
    }
    expect(refused).toBeGreaterThan(1200);
    // Another id or optional member is a good item, too.
    expect(accepted).toBeLessThan(refused / 5);
    noteLives(`API, items: ${refused.toLocaleString('en')} bad inputs, each refused alone with a code`);
  });

  test('of any shape refuse the item alone, with a code', async () => {
    const world = calledWorld();
    let refused = 0;
    const batch = fc.constantFrom(...BATCHES);
    await fc.assert(
      fc.asyncProperty(batch, fc.nat(), fc.json({ stringUnit: 'binary' }), async (chosen, where, json) => {
        const places = [[], ...placesIn(chosen[2])];
        const bad = textWith(chosen[2], places[where % places.length] ?? [], json);
        if (await isRefused(world, chosen, bad)) refused += 1;
      }),
      { numRuns: 300 },
    );
    expect(refused).toBeGreaterThan(200);
    noteLives(
      `API, items of any shape: ${refused.toLocaleString('en')} bad inputs, each refused alone with a code`,
    );
  });

  test('in a body or a query refuse the request, with a code', async () => {
    const world = calledWorld();
    const good = `{"events":[${JSON.stringify(GOOD_EVENT)}]}`;
    const bodies: (string | Uint8Array)[] = [
      ...Object.values(BAD_VALUES),
      ...Object.values(BAD_VALUES).map((bad) => `{"${MARKER}":${bad}}`),
      ...Object.values(BAD_VALUES).map((bad) => `{"events":${bad}}`),
      ...Object.values(BAD_VALUES).map((bad) => `{"entity":{"type":"contract","id":"c-1"},"cursor":${bad}}`),
      ...Object.values(BAD_VALUES).map((bad) => `{"from":${bad},"to":"2026-04-01"}`),
      `\u{FEFF}${good}`,
      good.slice(0, -1),
      `${good}${good}`,
      good.replaceAll('"', "'"),
      good.replace('}', ',}'),
      `/* ${MARKER} */${good}`,
      MARKER,
      '',
      ' ',
      'NaN',
      '{"a":Infinity}',
      `{"events":[${`${JSON.stringify(GOOD_EVENT)},`.repeat(100)}${JSON.stringify(GOOD_EVENT)}]}`,
      ' '.repeat(262_145),
      Uint8Array.of(0xff, 0xfe, 0x7b, 0x7d),
      Buffer.from(good).subarray(0, 60),
      Buffer.concat([Buffer.from('{"events":["'), Buffer.of(0xc3, 0x28), Buffer.from('"]}')]),
      Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), Buffer.from(good)]),
      Buffer.from(good, 'utf16le'),
    ];
    const queries = [
      'cursor=',
      `cursor=${MARKER}`,
      `${MARKER}=1`,
      'cursor=%00',
      'cursor=%ED%A0%80',
      'cursor=a&cursor=b',
    ];
    let refused = 0;
    for (const [, route] of Object.entries(ROUTES) as [string, Route][]) {
      const path = samplePath(route.path);
      const principal = route.roles.includes('operator') ? principals.operator : principals.shop;
      const inputs = route.method === 'POST' ? bodies : queries;
      for (const input of inputs) {
        const { status, body } =
          route.method === 'POST'
            ? await world.call('POST', path, input, principal)
            : await world.call('GET', `${path}?${String(input)}`, '', principal);
        if (status < 400) continue;
        const { results } = body as { results?: Result[] };
        for (const { code } of results ?? [body as unknown as Result]) expect(isErrorCode(code)).toBe(true);
        refused += 1;
      }
    }
    for (const lane of [
      'constructor',
      '__proto__',
      '%00',
      '%ED%A0%80',
      '..%2F..',
      MARKER,
      'a'.repeat(5000),
    ]) {
      const { status, body } = await world.call('POST', `/v1/lanes/${lane}/pause`, '{}', principals.operator);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(isErrorCode(body['code'])).toBe(true);
      refused += 1;
    }
    expect(refused).toBeGreaterThan(1000);
    noteLives(
      `API, bodies and queries: ${refused.toLocaleString('en')} bad inputs, each refused with a code`,
    );
  });
});
