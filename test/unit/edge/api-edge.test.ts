import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { apiHandler } from '../../../functions/api/handler.ts';
import { ERROR_CODES } from '../../../shared/contract/error-codes.ts';
import { problem } from '../../../shared/contract/problem.ts';
import { type Role, type Route, ROUTES } from '../../../shared/contract/routes.ts';
import { apiWorld, principals } from '../../support/api-world.ts';
import { everythingIn } from '../../support/everything-in.ts';
import { samplePath } from '../../support/sample-path.ts';

const MARKER = 'zoe.marker@example.org';
const routes: readonly (readonly [string, Route])[] = Object.entries(ROUTES);
const pathOf = ({ path }: Route): string => samplePath(path);

describe('who may do what', () => {
  const callers: readonly (readonly [keyof typeof principals, Role | undefined])[] = [
    ['shop', 'producer'],
    ['operator', 'operator'],
    ['auditor', 'auditor'],
    ['nobody', undefined],
  ];

  test.each(routes)('%s is refused to every role that it does not name', async (_, route) => {
    for (const [principal, role] of callers) {
      const world = apiWorld();
      const answer = await world.call(principal, pathOf(route), route.method === 'POST' ? {} : undefined);
      if (role !== undefined && route.roles.includes(role)) expect(answer.status).not.toBe(403);
      else {
        expect(answer.status).toBe(403);
        expect(answer.body).toEqual(problem('FORBIDDEN'));
        expect(await everythingIn(world.registry)).toEqual(await everythingIn(apiWorld().registry));
        expect(world.bus.published).toEqual([]);
      }
    }
  });

  test('an unsigned request is refused', async () => {
    const answer = await apiWorld().call(undefined, '/v1/lanes');
    expect(answer.status).toBe(403);
  });
});

describe('a request that is wrong', () => {
  test.each(routes)('to %s is a problem with a code, and repeats nothing', async (_, route) => {
    const world = apiWorld();
    const principal = route.roles.includes('operator') ? 'operator' : 'shop';
    const bad = route.method === 'POST' ? { [MARKER]: MARKER } : undefined;
    const path = route.method === 'POST' ? pathOf(route) : `${pathOf(route)}?${MARKER}=${MARKER}`;
    const answer = await world.call(principal, path, bad);
    expect(answer.status).toBe(400);
    expect(answer.type).toBe('application/problem+json');
    expect(answer.body).toMatchObject({
      code: 'BODY_INVALID',
      status: 400,
      type: 'urn:tenure:error:BODY_INVALID',
    });
    expect(answer.text + JSON.stringify(world.lines)).not.toContain(MARKER);
    expect(world.lines).toEqual([
      {
        code: 'api.refused',
        fields: { route: `${route.method} ${route.path}`, code: 'BODY_INVALID', status: 400, count: 1 },
      },
    ]);
  });

  test('that is not JSON gets an error without its text', async () => {
    const answer = await apiWorld().call('operator', '/v1/subjects/query', `{"entity": ${MARKER}`);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'BODY_INVALID', detail: 'not JSON' });
    expect(answer.text).not.toContain(MARKER);
  });

  test('goes to no other path or method', async () => {
    for (const [path, body] of [
      [`/v1/${MARKER}`, undefined],
      ['/v1/events', undefined],
      ['/v1/overdue', {}],
      ['/', undefined],
    ] as const) {
      const answer = await apiWorld().call('operator', path, body);
      expect(answer.status).toBe(404);
      expect(answer.body).toEqual(problem('NOT_FOUND'));
    }
  });
});

describe('when something breaks', () => {
  test('the answer and the log have a code, and nothing of what the error says', async () => {
    const world = apiWorld();
    world.registry.wideHolds = () =>
      Promise.reject(Object.assign(new Error(MARKER), { name: 'ThrottlingException', $metadata: MARKER }));
    const answer = await world.call('operator', '/v1/lanes');
    expect(answer.status).toBe(500);
    expect(answer.body).toEqual(problem('INTERNAL'));
    expect(world.lines).toEqual([
      {
        code: 'api.failed',
        fields: { route: 'GET /v1/lanes', code: 'ThrottlingException', status: 500, count: 1 },
      },
    ]);
  });

  test('a bus that throws has accepted nothing', async () => {
    const world = apiWorld();
    world.bus.publish = () => Promise.reject(new Error(MARKER));
    const answer = await world.call('shop', '/v1/events', {
      events: [
        {
          specversion: '1.0',
          id: 'e-1',
          source: 'shop.example',
          type: 'contract.ended',
          data: { entity: { type: 'contract', id: MARKER }, occurred: '2026-03-01' },
        },
      ],
    });
    expect(answer.status).toBe(500);
    expect(answer.text + JSON.stringify(world.lines)).not.toContain(MARKER);
  });
});

describe('in a Lambda', () => {
  const event = (iam?: { userArn: string }): Parameters<ReturnType<typeof apiHandler>>[0] =>
    ({
      version: '2.0',
      routeKey: 'GET /v1/lanes',
      rawPath: '/v1/lanes',
      rawQueryString: '',
      headers: { host: 'api.example' },
      isBase64Encoded: false,
      requestContext: {
        accountId: '111122223333',
        apiId: 'a',
        domainName: 'api.example',
        domainPrefix: 'api',
        http: {
          method: 'GET',
          path: '/v1/lanes',
          protocol: 'HTTP/1.1',
          sourceIp: '192.0.2.1',
          userAgent: 'test',
        },
        requestId: 'r',
        routeKey: 'GET /v1/lanes',
        stage: '$default',
        time: '01/Mar/2026:10:00:00 +0000',
        timeEpoch: 1_772_359_200_000,
        ...(iam === undefined ? {} : { authorizer: { iam } }),
      },
    }) as unknown as Parameters<ReturnType<typeof apiHandler>>[0];

  test('the principal is the one that the IAM authorizer names', async () => {
    const handler = apiHandler(apiWorld());
    const answer = await handler(event({ userArn: principals.auditor }));
    expect(answer.statusCode).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({ lanes: [{ lane: 'invoices' }, {}, {}] });
    expect((await handler(event({ userArn: principals.nobody }))).statusCode).toBe(403);
    expect((await handler(event())).statusCode).toBe(403);
  });
});

describe('docs/api.md', () => {
  const page = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8');

  test('names every route with its roles, and no other', () => {
    const rows = [...page.matchAll(/^\| `(GET|POST) (\S+)` \| ([a-z, ]+) \|/gm)].map(
      ([, method, path, roles]) => `${method} ${path} ${roles}`,
    );
    expect(rows).toEqual(
      routes.map(
        ([, { method, path, roles }]) =>
          `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')} ${roles.join(', ')}`,
      ),
    );
  });

  test('lists every error code with its status and what to do', () => {
    const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| (\d+) \| (.+) \|$/gm)].map(
      ([, code, status, what]) => ({
        code,
        status,
        what,
      }),
    );
    const codes = Object.keys(ERROR_CODES) as (keyof typeof ERROR_CODES)[];
    expect(rows).toEqual(
      codes.map((code) => ({ code, status: String(problem(code).status), what: ERROR_CODES[code] })),
    );
  });
});
