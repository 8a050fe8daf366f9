import { describe, expect, test } from 'vitest';
import { ingest } from '../../../functions/ingest/ingest.ts';
import { happened, registered } from '../../support/driver/envelopes.ts';
import { SOURCE, STORE, world } from '../../support/driver/world.ts';
import { apiWorld } from '../../support/api-world.ts';

const MARKER = 'zoe.marker@example.org';

function event(id: string): string {
  return JSON.stringify({
    specversion: '1.0',
    id,
    source: 'shop.example',
    type: 'contract.ended',
    data: { entity: { type: 'contract', id: 'c-1' }, occurred: '2026-03-01' },
  });
}

/** The event with something more in it, as text: an object cannot hold all of it. */
const withMember = (member: string): string => event('bad').replace('{', `{${member},`);
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

const FAULTS: readonly (readonly [string, string, object])[] = [
  ['a name that is given twice', withMember(`"id":"${MARKER}"`), { code: 'JSON_NAME_TWICE', path: 'id' }],
  [
    'a name that is given twice, in two spellings',
    withMember(String.raw`"\u0069d":"${MARKER}"`),
    { code: 'JSON_NAME_TWICE', path: 'id' },
  ],
  [
    'the name of the prototype',
    withMember(`"__proto__":{"tenureoperator":true,"${MARKER}":1}`),
    { code: 'JSON_NAME_FORBIDDEN', path: '*' },
  ],
  ['too many levels', withMember(`"${MARKER}":${nested(101)}`), { code: 'JSON_TOO_DEEP' }],
  ['very many levels', withMember(`"${MARKER}":${nested(25_000)}`), { code: 'JSON_TOO_DEEP' }],
  [
    'a number that is too large',
    withMember(`"${MARKER}":1E400`),
    { code: 'JSON_NUMBER_TOO_LARGE', path: '*' },
  ],
  [
    'half of a character',
    event('bad').replace('c-1', String.raw`\ud800`),
    { code: 'TEXT_INVALID', path: 'data.entity.id' },
  ],
  [
    'a character that a queue does not carry',
    event('bad').replace('c-1', '\uFFFF'),
    { code: 'TEXT_INVALID', path: 'data.entity.id' },
  ],
  [
    'a number that the registry cannot keep',
    event('bad').replace('"occurred"', `"attributes":{"reason":1e200},"occurred"`),
    { code: 'JSON_NUMBER_TOO_LARGE', path: 'data.attributes.reason' },
  ],
  [
    'a number too close to zero',
    event('bad').replace('"occurred"', `"attributes":{"reason":1e-200},"occurred"`),
    { code: 'JSON_NUMBER_TOO_LARGE', path: 'data.attributes.reason' },
  ],
  [
    'a NUL',
    event('bad').replace('c-1', String.raw`\u0000`),
    { code: 'TEXT_INVALID', path: 'data.entity.id' },
  ],
];

describe('over HTTP', () => {
  test.each(FAULTS)('%s refuses its item alone', async (_, bad, refusal) => {
    const world = apiWorld();
    const body = `{"events":[${event('first')},${bad},${event('last')}]}`;
    const answer = await world.call('shop', '/v1/events', body);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      results: [
        { index: 0, status: 'accepted' },
        { index: 1, status: 'rejected', ...refusal },
        { index: 2, status: 'accepted' },
      ],
    });
    expect(answer.text + JSON.stringify(world.lines)).not.toContain(MARKER);
    expect(world.bus.published.map(({ detail }) => (JSON.parse(detail) as { id: string }).id)).toEqual([
      'first',
      'last',
    ]);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test.each([
    ['a list of items that is given twice', '{"events":[],"events":[]}', 'JSON_NAME_TWICE', 'events'],
    [
      'a fault next to the items',
      `{"events":[${event('a')}],"${MARKER}":1e999}`,
      'JSON_NUMBER_TOO_LARGE',
      '*',
    ],
    ['too many levels around the items', nested(101), 'JSON_TOO_DEEP', '0.0.0.0.0.0.0.0'],
    ['a fault in another list', `{"${MARKER}":[{"a":1,"a":2}]}`, 'JSON_NAME_TWICE', '*.0.*'],
  ])('%s refuses the body', async (_, body, code, path) => {
    const world = apiWorld();
    const answer = await world.call('shop', '/v1/events', body);
    expect(answer).toMatchObject({ status: 400, body: { code, path } });
    expect(answer.text + JSON.stringify(world.lines)).not.toContain(MARKER);
    expect(world.bus.published).toEqual([]);
  });

  test('a fault in a body without items refuses it, in a list of that name, too', async () => {
    const world = apiWorld();
    for (const body of ['{"cursor":"a","cursor":"b"}', '{"events":[{"a":1,"a":2}]}']) {
      const answer = await world.call('shop', '/v1/subjects/query', body);
      expect(answer.status).toBe(400);
    }
  });
});

describe('on the bus', () => {
  const sending = { source: SOURCE, id: 'e-1', arrived: Date.parse('2026-03-01T09:59:00Z') };
  const entity = { type: 'contract', id: 'c-1' };
  const good = happened(sending, 'contract.ended', entity, '2026-02-28');

  test.each([
    ['a name that is given twice', `"id":"${MARKER}"`, 'JSON_NAME_TWICE', 'detail.id'],
    ['the name of the prototype', `"__proto__":{"a":"${MARKER}"}`, 'JSON_NAME_FORBIDDEN', 'detail.*'],
    ['too many levels', `"${MARKER}":${nested(101)}`, 'JSON_TOO_DEEP', 'detail.*.0.0.0.0.0.0'],
    ['a number that is too large', `"${MARKER}":-1e400`, 'JSON_NUMBER_TOO_LARGE', 'detail.*'],
  ])('%s quarantines its message', async (_, member, code, reason) => {
    const { core, registry, reports } = world();
    const bad = good.replace('"detail":{', `"detail":{${member},`);
    JSON.parse(bad);
    expect(await ingest(core, bad, 1)).toBe('done');
    const items = registry.allQuarantined();
    expect(items).toMatchObject([{ code, reason }]);
    expect(JSON.stringify([items, reports.lines])).not.toContain(MARKER);
    const next = registered(
      { ...sending, id: 'e-2' },
      { store: STORE, locator: ['r-1'], categories: ['notes'], entities: [entity] },
    );
    expect(await ingest(core, next, 1)).toBe('done');
    expect(registry.allHoldings()).toHaveLength(1);
  });
});
