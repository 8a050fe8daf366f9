import { expect, test } from 'vitest';
import { ingest } from '../../functions/ingest/ingest.ts';
import { isErrorCode } from '../../shared/contract/error-codes.ts';
import { apiWorld } from '../support/api-world.ts';
import { badTexts, inherited, MARKER } from '../support/bad/bad-json.ts';
import { GOOD_EVENT, GOOD_REGISTRATION, GOOD_RETRACTION, GOOD_WITHDRAWAL } from '../support/bad/bad-items.ts';
import { noteLives } from '../support/model/explored-so-far.ts';

const envelope = (type: string, detail: object) => ({
  version: '0',
  id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
  source: 'shop.example',
  'detail-type': type,
  time: '2026-03-01T09:59:00Z',
  detail,
});
const holding = (type: string, { id, time, ...data }: typeof GOOD_WITHDRAWAL) =>
  envelope(type, { specversion: '1.0', id, time, source: 'shop.example', type, data });

const MESSAGES = [
  envelope(GOOD_EVENT.type, GOOD_EVENT),
  envelope(GOOD_RETRACTION.type, GOOD_RETRACTION),
  holding('tenure.holding.registered', GOOD_REGISTRATION),
  holding('tenure.holding.withdrawn', GOOD_WITHDRAWAL),
];

test('bad inputs on the bus are quarantined with a code, and their batch goes on', async () => {
  const before = inherited();
  let refused = 0;
  let taken = 0;
  for (const message of MESSAGES) {
    const world = apiWorld();
    for (const [index, bad] of badTexts(message).entries()) {
      expect(await ingest(world, bad, 1)).toBe('done');
      const items = world.registry.allQuarantined();
      if (items.length === 0) taken += 1;
      else refused += 1;
      for (const { id, code, reason, producer, sealed } of items) {
        expect(isErrorCode(code)).toBe(true);
        expect(JSON.stringify([code, reason, producer, world.lines.splice(0)])).not.toContain(MARKER);
        expect(sealed).not.toBe('');
        await world.registry.removeQuarantined(id);
      }
      if (index % 20 === 0) {
        await ingest(world, JSON.stringify(MESSAGES[2]), 1);
        expect(world.registry.allHoldings().length).toBeGreaterThan(0);
      }
    }
  }
  expect(inherited()).toBe(before);
  expect(refused).toBeGreaterThan(1200);
  // Extension attributes, other ids and members that are not read make no bad message.
  expect(taken).toBeLessThan(refused / 3);
  noteLives(`bus: ${refused.toLocaleString('en')} bad inputs, each quarantined with a code`);
});
