import { describe, expect, test } from 'vitest';
import { ingest } from '../../functions/ingest/ingest.ts';
import { registered, withdrawn } from '../support/driver/envelopes.ts';
import { SOURCE, STORE, world } from '../support/driver/world.ts';

const place = { store: STORE, locator: ['n-1'] };
const registration = { ...place, categories: ['notes'], entities: [{ type: 'contract', id: 'c-1' }] };

describe('a producer whose clock is ahead', () => {
  test('does not register again by the second delivery of one message', async () => {
    const w = world();
    const start = w.clock.now();
    const ahead = 20_000;
    const register = registered(
      { source: SOURCE, id: 'm-1', arrived: start, sent: start + ahead },
      registration,
    );
    const withdraw = withdrawn(
      { source: SOURCE, id: 'm-2', arrived: start + 2000, sent: start + 2000 + ahead },
      place,
    );
    await ingest(w.core, register, 1);
    w.clock.advance(2500);
    await ingest(w.core, withdraw, 1);
    expect(w.registry.allHoldings()).toMatchObject([{ state: 'withdrawn', generation: 1 }]);
    w.clock.advance(10_000);
    await ingest(w.core, register, 2);
    expect(w.registry.allHoldings()).toMatchObject([{ state: 'withdrawn', generation: 1 }]);
  });

  test('changes nothing by a message that comes again, after the disposal either', async () => {
    const w = world();
    const start = w.clock.now();
    const body = registered(
      { source: SOURCE, id: 'm-1', arrived: start, sent: start + 20_000 },
      registration,
    );
    await ingest(w.core, body, 1);
    const [before] = w.registry.allHoldings();
    w.clock.advance(5000);
    await ingest(w.core, body, 2);
    expect(w.registry.allHoldings()).toEqual([before]);
  });
});
