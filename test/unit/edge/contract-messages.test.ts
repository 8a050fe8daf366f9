import * as z from 'zod';
import { describe, expect, test } from 'vitest';
import { RegistrationItem, WithdrawalItem } from '../../../shared/contract/batch.ts';
import { BusEnvelope } from '../../../shared/contract/bus.ts';
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
import type {
  FanOutMessage,
  LaneMessage as LanePort,
  SealMessage as SealPort,
  SweepMessage as SweepPort,
} from '../../../shared/ports/queues.ts';
import { aHoldingRef } from '../../support/samples.ts';

const MARKER = 'zoe.marker@example.org';

describe('queue messages', () => {
  test('of lanes are read as they were sent', () => {
    const sent: LanePort = { kind: 'chunk', store: 'orders', holdings: [aHoldingRef(1), aHoldingRef(2)] };
    const parsed = parseLaneMessage(JSON.stringify(sent));
    const value: LanePort | undefined = parsed.ok ? parsed.value : undefined;
    expect(value).toEqual(sent);
  });

  test.each<[SweepPort]>([
    [{ kind: 'minute', minute: 1_772_359_200_000 }],
    [{ kind: 'hourly' }],
    [{ kind: 're-plan', run: 'r', segment: 0 }],
    [{ kind: 'weekly' }],
    [{ kind: 'proof', run: 'r', segment: 3 }],
    [{ kind: 'release', hold: 'h' }],
  ])('of the sweep are read as they were sent: %j', (sent) => {
    const parsed = parseSweepMessage(JSON.stringify(sent));
    const value: SweepPort | undefined = parsed.ok ? parsed.value : undefined;
    expect(value).toEqual(sent);
  });

  test.each<[SealPort]>([[{ kind: 'seal' }], [{ kind: 'seal', hour: '2026-03-01T10' }]])(
    'of seal are read as they were sent: %j',
    (sent) => {
      const parsed = parseSealMessage(JSON.stringify(sent));
      const value: SealPort | undefined = parsed.ok ? parsed.value : undefined;
      expect(value).toEqual(sent);
    },
  );

  test('of ingest are fan-outs or bus envelopes', () => {
    const fanOut: FanOutMessage = { kind: 'fan-out', cursor: 'c' };
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

  test.each([
    ['{', '', 'not JSON'],
    ['[]', '', 'expected object'],
    [
      `{"id":"x","source":"s","detail-type":"t","time":"${MARKER}","detail":{}}`,
      'time',
      'not in the format datetime',
    ],
    [
      `{"id":"x","source":"s","detail-type":"t","time":"2026-03-01T10:00:00Z","detail":"${MARKER}"}`,
      'detail',
      'expected object',
    ],
  ])('that are not valid are refused without their text: %#', (body, path, message) => {
    expect(parseIngestMessage(body)).toEqual({ ok: false, code: 'BODY_INVALID', path, message });
  });

  test('with more than a chunk, or with something other than references, are refused', () => {
    const many = Array.from({ length: 101 }, (_, index) => aHoldingRef(index));
    expect(
      parseLaneMessage(JSON.stringify({ kind: 'chunk', store: 'orders', holdings: many })),
    ).toMatchObject({
      ok: false,
      path: 'holdings',
      message: 'at most 100 items',
    });
    expect(
      parseLaneMessage(JSON.stringify({ kind: 'chunk', store: 'orders', holdings: [MARKER] })),
    ).toMatchObject({
      ok: false,
      path: 'holdings.0',
      message: 'not in the format regex',
    });
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
