import * as z from 'zod';
import { describe, expect, test } from 'vitest';
import { RegistrationItem, WithdrawalItem } from '../../../shared/contract/batch.ts';
import { BusEnvelope } from '../../../shared/contract/bus.ts';
import { retryDetail } from '../../../shared/contract/retry.ts';
import { heartbeatDetail, SWEEP_SOURCE } from '../../../shared/contract/heartbeat.ts';
import { CorrectionData, EventData, RetractionData } from '../../../shared/contract/cloud-event.ts';
import {
  LaneMessage,
  parseIngestMessage,
  parseLaneMessage,
  parseSealMessage,
  parseSweepMessage,
  SealMessage,
  SweepMessage,
} from '../../../shared/contract/messages.ts';
import { CONTRACT_NAMES } from '../../../shared/contract/parse.ts';
import { ROUTES } from '../../../shared/contract/routes.ts';
import type { LogRef, RequestRef } from '../../../shared/domain/record/ids.ts';
import type {
  Bell,
  FanOutMessage,
  SealMessage as SealPort,
  LaneMessage as LanePort,
  SweepMessage as SweepPort,
} from '../../../shared/ports/queues.ts';

const MARKER = 'zoe.marker@example.org';
const REQUEST = 'Wq3rYp9mQXKc2w0H5bTnLg' as RequestRef;
const BELL: Bell = {
  kind: 'chunk',
  lane: 'orders',
  producer: 'shop',
  minute: Date.parse('2026-03-01T10:00:00Z'),
  id: 'Vq3rYp9mQXKc2w0H5bTnLg',
};

describe('queue messages', () => {
  test('of lanes are read as they were sent', () => {
    const parsed = parseLaneMessage(JSON.stringify(BELL));
    const value: LanePort | undefined = parsed.ok ? parsed.value : undefined;
    expect(value).toEqual(BELL);
    const part: LanePort = { kind: 'export', lane: 'orders', request: REQUEST, part: 7 };
    expect(parseLaneMessage(JSON.stringify(part))).toEqual({ ok: true, value: part });
  });

  test('about parts of exports that name no part are refused', () => {
    const part = { kind: 'export', lane: 'orders', request: REQUEST, part: 7 };
    for (const changes of [{ part: 0 }, { part: 1.5 }, { part: '7' }, { request: MARKER }, { lane: '' }]) {
      const [path] = Object.keys(changes);
      expect(parseLaneMessage(JSON.stringify({ ...part, ...changes }))).toMatchObject({ ok: false, path });
    }
  });

  test.each<[SweepPort]>([
    [{ kind: 'wake' }],
    [{ kind: 'hourly' }],
    [{ kind: 'walk', walk: 'w', segment: 3 }],
    [{ kind: 'release', hold: 'h' }],
    [{ kind: 'confirm-vendor', lane: 'orders', record: 'A'.repeat(22) as LogRef }],
    [
      {
        kind: 'confirm-vendor',
        lane: 'orders',
        record: 'A'.repeat(22) as LogRef,
        requests: ['0'.repeat(32)],
      },
    ],
    [{ kind: 'export', request: REQUEST }],
    [{ kind: 'export', request: REQUEST, until: 1_772_000_000_000 }],
  ])('of the sweep are read as they were sent: %j', (sent) => {
    const parsed = parseSweepMessage(JSON.stringify(sent));
    const value: SweepPort | undefined = parsed.ok ? parsed.value : undefined;
    expect(value).toEqual(sent);
  });

  test('of seal are read as they were sent', () => {
    const sent: SealPort = { kind: 'seal' };
    const parsed = parseSealMessage(JSON.stringify(sent));
    const value: SealPort | undefined = parsed.ok ? parsed.value : undefined;
    expect(value).toEqual(sent);
  });

  test('of ingest are fan-outs or bus envelopes', () => {
    const fanOut: FanOutMessage = { kind: 'fan-out', walk: 'w', version: 3 };
    expect(parseIngestMessage(JSON.stringify(fanOut))).toEqual({ ok: true, value: fanOut });
    const envelope = {
      id: 'x',
      source: 's',
      'detail-type': 't',
      time: '2026-03-01T10:00:00Z',
      detail: { source: 's' },
    };
    expect(parseIngestMessage(JSON.stringify(envelope))).toEqual({
      ok: true,
      value: { kind: 'bus', envelope },
    });
  });

  test('of ingest are retries only under the source of the sweep, and name an id', () => {
    const { type, detail } = retryDetail('q-1');
    const envelope = (changes: object, own: object = {}) =>
      JSON.stringify({
        version: '0',
        id: 'x',
        source: SWEEP_SOURCE,
        'detail-type': type,
        time: '2026-03-01T10:00:00Z',
        detail: { ...(JSON.parse(detail) as object), ...own },
        ...changes,
      });
    expect(parseIngestMessage(envelope({}))).toEqual({ ok: true, value: { kind: 'retry', id: 'q-1' } });
    expect(parseIngestMessage(envelope({ source: 'shop.example' }))).toMatchObject({
      value: { kind: 'bus' },
    });
    expect(parseIngestMessage(envelope({}, { id: 7 }))).toMatchObject({ ok: false, path: 'detail.id' });
  });

  test('of ingest are heartbeats only under the source that the bus policy keeps for the sweep', () => {
    const sent = Date.parse('2026-03-01T10:00:00Z');
    const { type, detail } = heartbeatDetail(sent);
    const envelope = {
      id: 'x',
      source: SWEEP_SOURCE,
      'detail-type': type,
      time: '2026-03-01T10:00:01Z',
      detail: JSON.parse(detail) as unknown,
    };
    const parse = (changes: object) => parseIngestMessage(JSON.stringify({ ...envelope, ...changes }));
    expect(parse({})).toEqual({ ok: true, value: { kind: 'heartbeat', sent } });
    expect(parse({ source: 'shop.example' })).toMatchObject({ ok: true, value: { kind: 'bus' } });
    expect(parse({ 'detail-type': 'other' })).toEqual({
      ok: true,
      value: { kind: 'newer', path: 'detail-type' },
    });
    expect(parse({ detail: { source: SWEEP_SOURCE, sent: MARKER } })).toEqual({
      ok: false,
      code: 'BODY_INVALID',
      path: 'detail.sent',
      message: 'expected number',
    });
  });

  test.each([
    ['{', '', 'not JSON'],
    ['[]', '', 'expected object'],
    [
      `{"id":"x","source":"s","detail-type":"t","time":"${MARKER}","detail":{}}`,
      'time',
      'not a time with an offset, such as 2026-03-01T10:00:00Z',
    ],
    [
      `{"id":"x","source":"s","detail-type":"t","time":"2026-03-01T10:00:00Z","detail":"${MARKER}"}`,
      'detail',
      'expected object',
    ],
  ])('that are not valid are refused without their text: %#', (body, path, message) => {
    expect(parseIngestMessage(body)).toEqual({ ok: false, code: 'BODY_INVALID', path, message });
  });

  test('to a lane that name no chunk are refused', () => {
    expect(parseLaneMessage(JSON.stringify({ ...BELL, id: MARKER }))).toMatchObject({
      ok: false,
      path: 'id',
      message: 'not written as documented',
    });
    for (const name of ['lane', 'producer', 'minute', 'id']) {
      const { [name]: _, ...rest } = BELL as unknown as Record<string, unknown>;
      expect(parseLaneMessage(JSON.stringify(rest))).toMatchObject({ ok: false, path: name });
    }
  });
});

test('every property name of the contract is known as such, so that paths name no others', () => {
  const schemas = [
    ...Object.values(ROUTES).map(({ input }) => input),
    EventData,
    CorrectionData,
    RetractionData,
    RegistrationItem,
    WithdrawalItem,
    BusEnvelope,
    LaneMessage,
    SweepMessage,
    SealMessage,
  ];
  const unknown = schemas
    .flatMap((schema) => namesIn(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })))
    .filter((name) => !CONTRACT_NAMES.has(name));
  expect(unknown).toEqual([]);
});

/** All property names of a JSON schema, at any depth. */
function namesIn(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own = 'properties' in schema ? Object.keys(schema.properties as object) : [];
  return [...own, ...Object.values(schema).flatMap(namesIn)];
}
