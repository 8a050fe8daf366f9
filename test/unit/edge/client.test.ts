import { afterEach, describe, expect, test } from 'vitest';
import { tenureClient, pagesOf } from '../../../shared/client/client.ts';
import { ClientError } from '../../../shared/client/client-error.ts';
import { apiWorld } from '../../support/api-world.ts';
import { credentialsOf, servedWorld } from '../../support/api-server.ts';

const MARKER = 'zoe.marker@example.org';
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

async function served(world = apiWorld()) {
  const server = await servedWorld(world);
  stops.push(() => server.stop());
  return server;
}

const holding = {
  store: 'orders',
  locator: ['shop/1'],
  categories: ['profile'],
  purposes: ['login'],
  entities: [{ type: 'account', id: MARKER }],
};

const disconnected = (occurred: string) => ({
  specversion: '1.0' as const,
  id: 'e-1',
  source: 'shop.example',
  type: 'account.disconnected',
  data: { entity: { type: 'account', id: MARKER }, occurred },
});

async function errorOf(promise: Promise<unknown>): Promise<ClientError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ClientError) return error;
    throw error;
  }
  throw new Error('expected a ClientError');
}

describe('the client', () => {
  test('signs, sends and reads every route', async () => {
    const world = await served();
    const shop = world.as('shop');
    const operator = world.as('operator');
    const accepted = { results: [{ index: 0, status: 'accepted' }] };
    const [registered] = (await shop.registerHoldings([holding])).results;
    expect(registered).toEqual({
      index: 0,
      status: 'accepted',
      handle: expect.stringMatching(/^[\w-]{22}$/),
    });
    expect(await shop.sendEvents([disconnected('2026-02-28')])).toEqual(accepted);
    await world.deliver();
    const subject = await shop.querySubject({ entity: { type: 'account', id: MARKER } });
    expect(subject.holdings).toMatchObject([
      { store: 'orders', handle: registered?.handle, plan: { status: 'due' } },
    ]);
    expect((await operator.listOverdue()).groups).toEqual([]);
    expect((await operator.pause()).lanes.map(({ state }) => state)).toEqual(['paused', 'paused', 'paused']);
    const running = { state: 'running' };
    expect(await operator.resume()).toMatchObject({ lanes: [running, running, running] });
    expect((await operator.pause('orders')).lanes).toMatchObject([{ lane: 'orders', state: 'paused' }]);
    expect(await operator.resume('orders')).toMatchObject({ lanes: [{ lane: 'orders', ...running }] });
    expect((await operator.listLanes()).lanes).toHaveLength(3);
    await world.settleAll();
    await world.wakeUntil('2026-04-02T00:00:00Z');
    const log = await world.as('auditor').queryLog({ from: '2026-03-01', to: '2026-05-01' });
    // The four that the operator asked for were sealed first.
    expect(log.actions.map(({ action }) => action.did).toSorted()).toEqual([
      'pause',
      'pause',
      'resume',
      'resume',
    ]);
    expect(log.entries).toMatchObject([{ index: 4, entry: { outcome: 'already-so' } }]);
    expect(await shop.withdrawHoldings([{ store: 'orders', locator: ['shop/7'] }])).toEqual(accepted);
    expect(await shop.sendEvents([disconnected('2026-02-27')])).toEqual(accepted);
    await world.deliver();
    const [item] = (await operator.listQuarantine()).items;
    expect(item).toMatchObject({ code: 'EVENT_ID_REUSED' });
    expect(await operator.replayQuarantined(item?.id ?? '')).toMatchObject({ settled: 'replayed' });
    await world.deliver();
    const [again] = (await operator.listQuarantine()).items;
    expect(await operator.discardQuarantined(again?.id ?? '')).toMatchObject({ settled: 'discarded' });
  });

  test('answers for every item of a batch, also when nothing was taken', async () => {
    const { as } = await served();
    const answer = await as('shop').registerHoldings([{ ...holding, locator: [MARKER] }]);
    expect(answer.results).toMatchObject([{ status: 'rejected', code: 'LOCATOR_NOT_GRANTED' }]);
  });

  test('walks through the pages of a list', async () => {
    const world = await served(apiWorld('2026-03-01T10:00:00Z', 2));
    await world
      .as('shop')
      .registerHoldings([1, 2, 3, 4, 5].map((row) => ({ ...holding, locator: [`shop/${row}`] })));
    await world.deliver();
    const sizes: number[] = [];
    const entity = { type: '', id: '', ...holding.entities[0], producer: 'shop' };
    for await (const page of pagesOf((cursor) => world.as('auditor').querySubject({ entity, ...cursor }))) {
      sizes.push(page.holdings.length);
    }
    expect(sizes).toEqual([2, 2, 1]);
  });

  test("throws the API's problem with its code, status and path", async () => {
    const { as } = await served();
    const error = await errorOf(as('operator').querySubject({ entity: { type: 'ship', id: MARKER } }));
    expect(error).toMatchObject({ code: 'ENTITY_TYPE_UNKNOWN', status: 400, path: 'entity.type' });
    expect(error.message).not.toContain(MARKER);
    expect(await errorOf(as('nobody').listLanes())).toMatchObject({ code: 'FORBIDDEN', status: 403 });
    expect(await errorOf(as('operator').pause('a/../b'))).toMatchObject({ code: 'NOT_FOUND', status: 404 });
  });

  test('says when its signature is refused, and who does not answer', async () => {
    const server = await served();
    const wrong = { ...credentialsOf('operator'), secretAccessKey: 'another' };
    const client = tenureClient({ url: server.url, region: 'eu-central-1', credentials: () => wrong });
    expect(await errorOf(client.listLanes())).toMatchObject({ code: 'FORBIDDEN', status: 403 });
    await server.stop();
    const error = await errorOf(client.listLanes());
    expect(error.code).toBe('UNREACHABLE');
    expect(error.status).toBeUndefined();
  });

  test('refuses an answer that is not from this API', async () => {
    const answers = (status: number, body: string, type = 'application/json') =>
      tenureClient({
        url: 'https://api.example',
        credentials: () => credentialsOf('operator'),
        fetch: async () => new Response(body, { status, headers: { 'content-type': type } }),
      });
    expect(await errorOf(answers(200, '<html>').listLanes())).toMatchObject({ code: 'ANSWER_INVALID' });
    expect(await errorOf(answers(200, '{"lanes": 1}').listLanes())).toMatchObject({ code: 'ANSWER_INVALID' });
    const newer = JSON.stringify({ type: 'urn:x', title: 'New.', status: 400, code: 'QUITE_NEW' });
    expect(await errorOf(answers(400, newer, 'application/problem+json').listLanes())).toMatchObject({
      code: 'UNKNOWN',
      message: 'New.',
    });
    expect(await answers(200, '{"lanes": [], "more": 1}').listLanes()).toEqual({ lanes: [] });
  });

  test('asks for credentials before every request', async () => {
    const { url } = await served();
    let asked = 0;
    const client = tenureClient({
      url: `${url}/`,
      region: 'eu-central-1',
      credentials: async () => {
        asked += 1;
        return credentialsOf('auditor');
      },
    });
    await client.listLanes();
    await client.listLanes();
    expect(asked).toBe(2);
  });
});
