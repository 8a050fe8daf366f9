import { describe, expect, test } from 'vitest';
import { ingest } from '../../../functions/ingest/ingest.ts';
import { standingOf } from '../../../shared/domain/facts/standing.ts';
import { corrected, happened, registered, withdrawn } from '../../support/driver/envelopes.ts';
import { SOURCE, STORE, world } from '../../support/driver/world.ts';

const YEAR = 365 * 86_400_000;
const MINUTE = 60_000;
const contract = { type: 'contract', id: 'c-1' };
const place = { store: STORE, locator: ['n-1'] };
const registration = { ...place, categories: ['notes'], entities: [contract] };

describe('a producer that gives the bus a time to come', () => {
  test('registers a record now, and can withdraw it', async () => {
    const w = world();
    const now = w.clock.now();
    const arrived = now + 100 * YEAR;
    await ingest(w.core, registered({ source: SOURCE, id: 'm-1', arrived, sent: arrived }, registration), 1);
    const [holding] = w.registry.allHoldings();
    // As far as clocks can differ.
    expect(holding?.registeredAt).toBeLessThan(now + 2 * MINUTE);
    expect(holding?.variants[0]?.sent).toBeLessThan(now + 2 * MINUTE);
    w.clock.advance(3 * MINUTE);
    await ingest(w.core, withdrawn({ source: SOURCE, id: 'm-2', arrived: w.clock.now() }, place), 1);
    expect(w.registry.allHoldings()).toMatchObject([{ state: 'withdrawn' }]);
  });

  test('cannot withdraw what it registers later', async () => {
    const w = world();
    await ingest(
      w.core,
      withdrawn({ source: SOURCE, id: 'm-1', arrived: w.clock.now() + 100 * YEAR }, place),
      1,
    );
    w.clock.advance(3 * MINUTE);
    await ingest(w.core, registered({ source: SOURCE, id: 'm-2', arrived: w.clock.now() }, registration), 1);
    expect(w.registry.allHoldings()).toMatchObject([{ state: 'active' }]);
  });
});

describe('a producer whose clock is ahead', () => {
  test('is understood in the order of the bus, however late its messages are processed', async () => {
    const counted = [];
    for (const order of [
      [0, 1, 2],
      [0, 2, 1],
      [2, 1, 0],
    ]) {
      const w = world();
      const start = w.clock.now();
      const [from, ahead] = [{ source: SOURCE }, 3 * 60 * MINUTE];
      const sending = (id: string, minute: number) => ({
        ...from,
        id,
        arrived: start + minute * MINUTE,
        sent: start + minute * MINUTE + ahead,
      });
      const messages = [
        happened(sending('e-1', 0), 'contract.ended', contract, '2026-02-01'),
        corrected(sending('e-2', 1), 'contract.ended', contract, '2026-02-02', 'e-1'),
        corrected(sending('e-3', 2), 'contract.ended', contract, '2026-02-03', 'e-1'),
      ];
      w.clock.advance(10 * MINUTE);
      for (const index of order) {
        await ingest(w.core, messages[index] ?? '', 1);
        w.clock.advance(15 * MINUTE);
      }
      const facts = w.registry.allFacts().map(({ fact }) => fact);
      counted.push(standingOf(facts).counting.map(({ fact, sent }) => [fact.occurred, sent - start]));
    }
    // The second correction was sent last.
    expect(counted).toEqual(Array.from({ length: 3 }, () => [['2026-02-03', 999]]));
  });
});
