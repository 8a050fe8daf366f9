import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { heartbeatDetail, SWEEP_SOURCE } from '../../../shared/contract/heartbeat.ts';
import {
  parseIngestMessage,
  parseLaneMessage,
  parseSealMessage,
  parseSweepMessage,
} from '../../../shared/contract/messages.ts';
import { retryDetail, retryRefusedDetail } from '../../../shared/contract/retry.ts';

const TIME = '2026-03-01T10:00:01Z';
const own = ({ type, detail }: { readonly type: string; readonly detail: string }) => ({
  version: '0',
  id: 'x',
  source: SWEEP_SOURCE,
  'detail-type': type,
  time: TIME,
  detail: JSON.parse(detail) as object,
});

/** Every message that one function of Tenure sends to another, and who reads it. */
const MESSAGES: readonly (readonly [string, (body: string) => { readonly ok: boolean }, object])[] = [
  [
    'a bell',
    parseLaneMessage,
    { kind: 'chunk', lane: 'l', producer: 'p', minute: 1, id: 'Vq3rYp9mQXKc2w0H5bTnLg' },
  ],
  [
    'a bell of an export',
    parseLaneMessage,
    { kind: 'export', lane: 'l', request: 'Vq3rYp9mQXKc2w0H5bTnLg', part: 1 },
  ],
  ['an export', parseSweepMessage, { kind: 'export', request: 'Vq3rYp9mQXKc2w0H5bTnLg' }],
  ['a wake-up', parseSweepMessage, { kind: 'wake' }],
  ['an hourly run', parseSweepMessage, { kind: 'hourly' }],
  ['a walk', parseSweepMessage, { kind: 'walk', walk: 'w', segment: 3 }],
  ['a release', parseSweepMessage, { kind: 'release', hold: 'h' }],
  ['a confirmation', parseSweepMessage, { kind: 'confirm-vendor', lane: 'l', record: 'A'.repeat(22) }],
  ['a run of seal', parseSealMessage, { kind: 'seal' }],
  ['a fan-out', parseIngestMessage, { kind: 'fan-out', walk: 'w', version: 3 }],
  ['a heartbeat', parseIngestMessage, own(heartbeatDetail(5))],
  ['a retry', parseIngestMessage, own(retryDetail('q'))],
  ['a retry of what was refused', parseIngestMessage, own(retryRefusedDetail('q', 'digest'))],
];

/** Names that no message has. */
const added = fc.dictionary(fc.stringMatching(/^new[A-Z][a-z]{0,6}$/), fc.jsonValue(), {
  minKeys: 1,
  maxKeys: 3,
});

describe.each(MESSAGES)('%s', (_, parse, message) => {
  test('with members that only a newer release knows is read as without them', () => {
    const plain = parse(JSON.stringify(message));
    expect(plain.ok).toBe(true);
    fc.assert(
      fc.property(added, (members) => {
        expect(parse(JSON.stringify({ ...message, ...members }))).toEqual(plain);
      }),
    );
  });

  test('without one of its own members is refused, and not taken for one of a newer release', () => {
    if (!('kind' in message)) return;
    for (const name of Object.keys(message).filter((each) => each !== 'kind')) {
      const { [name]: _own, ...rest } = message as Record<string, unknown>;
      expect(parse(JSON.stringify(rest))).toMatchObject({ ok: false, path: expect.any(String) });
    }
  });
});

describe('a message of a kind that only a newer release knows', () => {
  test('is refused where the queue brings it again', () => {
    for (const parse of [parseLaneMessage, parseSweepMessage, parseSealMessage])
      expect(parse(JSON.stringify({ kind: 'newer', walk: 'w' }))).toMatchObject({ ok: false });
  });

  test('is known as one of our own in the queue of ingest', () => {
    expect(parseIngestMessage(JSON.stringify({ kind: 'newer', walk: 'w' }))).toEqual({
      ok: true,
      value: { kind: 'newer', path: 'kind' },
    });
    expect(
      parseIngestMessage(JSON.stringify(own({ type: 'tenure.newer', detail: `{"source":"s"}` }))),
    ).toEqual({
      ok: true,
      value: { kind: 'newer', path: 'detail-type' },
    });
  });

  test('is not what the bus delivers for a producer, whatever members it has', () => {
    const delivered = { ...own({ type: 't', detail: '{"source":"s"}' }), source: 'shop', kind: 'newer' };
    expect(parseIngestMessage(JSON.stringify(delivered))).toMatchObject({ ok: true, value: { kind: 'bus' } });
  });
});
