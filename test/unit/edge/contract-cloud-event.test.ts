import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../../../shared/contract/error-codes.ts';
import { incomingOf, parseBusEnvelope, senderOf, stampedDetail } from '../../../shared/contract/bus.ts';
import { parseFact, parseIncoming, toCloudEvent } from '../../../shared/contract/cloud-event.ts';

const MARKER = 'zoe.marker@example.org';

const event = {
  specversion: '1.0',
  id: 'e-1',
  source: 'shop.example',
  type: 'contract.ended',
  time: '2026-03-01T09:00:00.5Z',
  data: { entity: { type: 'contract', id: 'c-9' }, occurred: '2026-03-01' },
};
const withData = (data: Record<string, unknown>): unknown => ({ ...event, data: { ...event.data, ...data } });

function failure(value: unknown): string {
  const parsed = parseIncoming(value);
  if (parsed.ok) throw new Error('expected a refusal');
  expect(JSON.stringify(parsed)).not.toContain(MARKER);
  return `${parsed.code} ${parsed.path}: ${parsed.message}`;
}

describe('a CloudEvent', () => {
  test('of a declared type is an event', () => {
    expect(parseIncoming(event)).toEqual({
      ok: true,
      value: {
        kind: 'event',
        id: 'e-1',
        source: 'shop.example',
        time: '2026-03-01T09:00:00.5Z',
        type: 'contract.ended',
        entity: { type: 'contract', id: 'c-9' },
        occurred: '2026-03-01',
      },
    });
  });

  test('with `corrects` is a correction, of type tenure.event.retracted a retraction', () => {
    expect(parseIncoming(withData({ corrects: 'e-0' }))).toMatchObject({
      ok: true,
      value: { kind: 'correction', corrects: 'e-0' },
    });
    const retraction = {
      ...event,
      type: 'tenure.event.retracted',
      data: { entity: event.data.entity, retracts: 'e-0' },
    };
    expect(parseIncoming(retraction)).toMatchObject({
      ok: true,
      value: { kind: 'retraction', retracts: 'e-0' },
    });
  });

  test('survives the way to the bus and back, without its extension attributes', () => {
    const registered = {
      ...event,
      type: 'tenure.holding.registered',
      data: {
        store: 'orders',
        locator: ['c-9', 7],
        categories: ['registration'],
        purposes: ['billing'],
        entities: [{ type: 'contract', id: 'c-9' }],
        zone: 'Asia/Almaty',
        attributes: { jurisdiction: 'KZ' },
      },
    };
    const withdrawn = {
      ...event,
      type: 'tenure.holding.withdrawn',
      data: { store: 'orders', locator: ['c-9', 7] },
    };
    const retracted = {
      ...event,
      type: 'tenure.event.retracted',
      data: { entity: event.data.entity, retracts: 'e-0', producer: 'shop' },
    };
    for (const sent of [
      event,
      withData({ corrects: 'e-0', attributes: { amount: 3 } }),
      registered,
      withdrawn,
      retracted,
    ]) {
      const parsed = parseIncoming({ ...(sent as object), traceparent: MARKER });
      if (!parsed.ok) throw new Error(parsed.path);
      expect(toCloudEvent(parsed.value)).toEqual(sent);
    }
  });

  test('that registers a holding is not taken where facts are', () => {
    const holding = { ...event, type: 'tenure.holding.withdrawn', data: { store: 'orders', locator: ['1'] } };
    expect(parseFact(holding)).toMatchObject({ ok: false, code: 'BODY_INVALID', path: 'type' });
    expect(parseFact(event)).toMatchObject({ ok: true });
  });
});

describe('the date of an event', () => {
  test.each([
    ['2026-03-01'],
    ['2024-02-29'],
    ['1900-01-01'],
    ['2200-12-31'],
    ['2026-03-01T10:00:00Z'],
    ['2026-03-01T10:00Z'],
    ['2026-03-01T10:00:00.25+05:00'],
  ])('%s is taken as it is', (occurred) => {
    expect(parseIncoming(withData({ occurred }))).toMatchObject({ ok: true, value: { occurred } });
  });

  test.each([
    ['2026-03-01T10:00:00', 'EVENT_DATE_AMBIGUOUS'],
    ['2026-03-01 10:00', 'EVENT_DATE_AMBIGUOUS'],
    ['03/04/2026', 'EVENT_DATE_AMBIGUOUS'],
    ['3.4.2026', 'EVENT_DATE_AMBIGUOUS'],
    ['1899-12-31', 'EVENT_DATE_OUT_OF_RANGE'],
    ['2201-01-01T00:00:00Z', 'EVENT_DATE_OUT_OF_RANGE'],
    ['+012026-01-01', 'EVENT_DATE_OUT_OF_RANGE'],
    ['0000-01-01', 'EVENT_DATE_OUT_OF_RANGE'],
    ['2026-02-29', 'EVENT_DATE_INVALID'],
    ['2026-02-29T00:00:00Z', 'EVENT_DATE_INVALID'],
    ['yesterday', 'EVENT_DATE_INVALID'],
    ['1772323200', 'EVENT_DATE_INVALID'],
    ['', 'EVENT_DATE_INVALID'],
  ])('%j is refused as %s', (occurred, code) => {
    expect(failure(withData({ occurred }))).toMatch(new RegExp(`^${code} data\\.occurred: `));
  });

  test('when it was sent has the same range', () => {
    expect(failure({ ...event, time: '1850-01-01T00:00:00Z' })).toMatch(/^EVENT_DATE_OUT_OF_RANGE time: /);
    expect(failure({ ...event, time: '2026-03-01T10:00:00' })).toMatch(/^BODY_INVALID time: /);
  });
});

describe('a refusal names path and kind and never what was sent', () => {
  test.each([
    [
      'an unknown property',
      { ...event, data: { ...event.data, [MARKER]: MARKER } },
      'BODY_INVALID data: an unknown property',
    ],
    ['a wrong version', { ...event, specversion: MARKER }, 'BODY_INVALID specversion: not one of 1.0'],
    ['a wrong type', withData({ entity: MARKER }), 'BODY_INVALID data.entity: expected object'],
    ['an id too long', { ...event, id: MARKER.repeat(20) }, 'BODY_INVALID id: at most 256 characters'],
    ['an empty id', { ...event, id: '' }, 'BODY_INVALID id: at least 1 characters'],
    [
      'an attribute name',
      withData({ attributes: { [MARKER]: 1 } }),
      'BODY_INVALID data.attributes.*: a property name that is not allowed',
    ],
    [
      'an attribute value',
      withData({ attributes: { amount: [MARKER] } }),
      'BODY_INVALID data.attributes.*: none of the documented shapes',
    ],
    [
      'a lone surrogate',
      withData({ entity: { type: 'contract', id: '\ud800' } }),
      `TEXT_INVALID data.entity.id: ${ERROR_CODES.TEXT_INVALID}`,
    ],
    [
      'a NUL',
      withData({ entity: { type: 'contract', id: 'a\u0000b' } }),
      `TEXT_INVALID data.entity.id: ${ERROR_CODES.TEXT_INVALID}`,
    ],
    ['no object', MARKER, 'BODY_INVALID : expected object'],
  ])('%s', (_, value, expected) => {
    expect(failure(value)).toBe(expected);
  });
});

describe('a bus envelope', () => {
  const envelope = {
    version: '0',
    id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
    source: 'shop.example',
    'detail-type': 'contract.ended',
    time: '2026-03-01T09:00:01Z',
    account: '111122223333',
    region: 'eu-central-1',
    resources: [],
    detail: event,
  };

  test('gives its sender and what was sent', () => {
    const parsed = parseBusEnvelope(envelope);
    if (!parsed.ok) throw new Error(parsed.path);
    expect(senderOf(parsed.value)).toEqual({
      ok: true,
      value: { envelopeSource: 'shop.example', source: 'shop.example' },
    });
    expect(incomingOf(parsed.value)).toMatchObject({ ok: true, value: { kind: 'event', id: 'e-1' } });
  });

  test('from the api names the producer that the api has checked', () => {
    const sent = parseIncoming(event);
    if (!sent.ok) throw new Error(sent.path);
    const { type, detail } = stampedDetail({ role: 'producer', producer: 'shop' }, sent.value);
    expect(type).toBe('contract.ended');
    const parsed = parseBusEnvelope({ ...envelope, source: 'tenure.api', detail: JSON.parse(detail) });
    if (!parsed.ok) throw new Error(parsed.path);
    expect(senderOf(parsed.value)).toEqual({
      ok: true,
      value: { envelopeSource: 'tenure.api', source: 'shop.example', tenureproducer: 'shop' },
    });
    expect(incomingOf(parsed.value)).toEqual(sent);
  });
});
