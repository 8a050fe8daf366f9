import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { present } from '../../../shared/domain/present.ts';
import {
  corrected,
  happened,
  registered,
  retracted,
  type Sending,
  withdrawn,
} from '../../support/driver/envelopes.ts';
import type { Simulation } from '../../support/simulation/simulation.ts';
import {
  HOUR,
  hour,
  ownWorld,
  type Producer,
  quarantined,
  STORE,
  twoProducers,
} from '../../support/driver/two-producers.ts';

const CONTRACTS = ['c-1', 'c-2', 'c-3'];
const ROWS = CONTRACTS.map((_, n) => `north/row-${n + 1}`);
const IDS = { contracts: CONTRACTS, rows: ROWS };

/** A message of a producer at an hour; `body` is created at that time. */
interface Said {
  readonly at: number;
  readonly id: string;
  readonly body: (sending: Sending) => string;
}

function say(sim: Simulation, producer: Producer, { at, id, body }: Said): void {
  const arrived = hour(at);
  sim.deliver(arrived, { queue: 'ingest', id, body: body({ source: `${producer}.example`, id, arrived }) });
}

const contract = (id: string) => ({ type: 'contract', id });
const occurredAt = (at: number): string => new Date(hour(at)).toISOString();
const entry = (row: string, id: string) => ({
  store: STORE,
  locator: [row],
  categories: ['record'],
  entities: [contract(id)],
});

/** What north sends about its own data: its three rows, and the events of its three contracts. */
const northern = fc
  .array(
    fc.record({
      at: fc.integer({ min: 1, max: 30 }),
      type: fc.constantFrom('contract.ended', 'contract.ended', 'contract.renewed'),
      id: fc.constantFrom(...CONTRACTS),
    }),
    { maxLength: 6 },
  )
  .map((events): Said[] => [
    ...CONTRACTS.map((id, n): Said => ({
      at: 0,
      id: `n-registers-${n}`,
      body: (sending) => registered(sending, entry(ROWS[n] ?? '', id)),
    })),
    ...events.map(({ at, type, id }, n): Said => ({
      at,
      id: `n-${n}`,
      body: (sending) => happened(sending, type, contract(id), occurredAt(at)),
    })),
  ]);

/** What south sends: in the same form, but with north's names, rows, events and sources. */
const southern = fc.array(
  fc
    .record({
      at: fc.integer({ min: 0, max: 32 }),
      n: fc.nat(5),
      contractId: fc.constantFrom(...CONTRACTS),
      row: fc.constantFrom(...ROWS),
      attack: fc.constantFrom(
        'ends',
        'names the owner',
        'corrects',
        'retracts',
        'registers',
        'registers its own about theirs',
        'withdraws',
        'lies about the source',
        'stamps itself',
        'comes from nowhere',
      ),
    })
    .map(({ at, n, contractId, row, attack }): Said & { readonly attack: string } => {
      const id = `n-${n}`;
      const ended = (sending: Sending, producer?: string): string =>
        happened(
          sending,
          'contract.ended',
          { ...contract(contractId), ...present({ producer }) },
          occurredAt(0),
        );
      const body = (sending: Sending): string => {
        switch (attack) {
          case 'ends':
            return ended(sending);
          case 'names the owner':
            return ended(sending, 'north');
          case 'corrects':
            return corrected(
              { ...sending, id: `s-${id}` },
              'contract.ended',
              contract(contractId),
              occurredAt(0),
              id,
            );
          case 'retracts':
            return retracted({ ...sending, id: `s-${id}` }, contract(contractId), id);
          case 'registers':
            return registered(sending, entry(row, contractId));
          case 'registers its own about theirs':
            return registered(sending, entry(row.replace('north', 'south'), contractId));
          case 'withdraws':
            return withdrawn(sending, { store: STORE, locator: [row] });
          case 'lies about the source':
            return altered(ended({ ...sending, source: 'north.example' }), { source: 'south.example' });
          case 'stamps itself':
            return ended(sending).replace('"detail":{', '"detail":{"tenureproducer":"north",');
          case 'comes from nowhere':
            return altered(ended({ ...sending, source: 'north.example' }), { source: 'west.example' });
        }
      };
      return { at, id, body, attack };
    }),
  { minLength: 1, maxLength: 12 },
);

/** The bus sets the envelope's source; the sender cannot. */
function altered(body: string, envelope: { readonly source: string }): string {
  return JSON.stringify({ ...(JSON.parse(body) as object), ...envelope });
}

async function lived(north: readonly Said[], south: readonly Said[]): Promise<Simulation> {
  const sim = twoProducers();
  for (const row of ROWS) sim.store(STORE).put([row], { of: 'north' });
  for (const row of ROWS) sim.store(STORE).put([row.replace('north', 'south')], { of: 'south' });
  for (const said of north) say(sim, 'north', said);
  for (const said of south) say(sim, 'south', said);
  await sim.runTo(hour(40));
  return sim;
}

describe('with the same grants and disjoint prefixes on both sides', () => {
  test('nothing that one producer says ends, delays or reaches anything of the other', async () => {
    await fc.assert(
      fc.asyncProperty(northern, southern, async (north, south) => {
        const alone = await lived(north, []);
        const beside = await lived(north, south);
        expect(await ownWorld(beside, 'north', IDS)).toEqual(await ownWorld(alone, 'north', IDS));
        expect(beside.errors).toEqual([]);
        // A hostile message either stays in south's own world or is quarantined; it is never dropped.
        const refused = new Set([
          'registers',
          'withdraws',
          'names the owner',
          'lies about the source',
          'comes from nowhere',
        ]);
        if (south.some(({ attack }) => refused.has(attack))) {
          expect((await quarantined(beside)).length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('the same words end one’s own: the comparison above is not empty', async () => {
    const ends: Said = {
      at: 1,
      id: 'n-1',
      body: (sending) => happened(sending, 'contract.ended', contract('c-1'), occurredAt(1)),
    };
    const registers: Said = {
      at: 0,
      id: 'n-registers',
      body: (sending) => registered(sending, entry('north/row-1', 'c-1')),
    };
    const sim = await lived([registers, ends], []);
    expect(sim.store(STORE).fields(['north/row-1'])).toBeUndefined();
    const untouched = await lived([registers], [ends]);
    expect(untouched.store(STORE).fields(['north/row-1'])).toEqual({ of: 'north' });
  });

  const refusedMessages: readonly [string, string, (sending: Sending) => string][] = [
    [
      'a row below the other’s prefix',
      'LOCATOR_NOT_GRANTED data.locator.0',
      (sending) => registered(sending, entry('north/row-1', 'c-1')),
    ],
    [
      'the withdrawal of a row below the other’s prefix',
      'LOCATOR_NOT_GRANTED data.locator.0',
      (sending) => withdrawn(sending, { store: STORE, locator: ['north/row-1'] }),
    ],
    [
      'an entity that it calls the other’s',
      'ENTITY_NOT_OWN data.entity.producer',
      (sending) =>
        happened(sending, 'contract.ended', { ...contract('c-1'), producer: 'north' } as never, '2026-03-01'),
    ],
    [
      'an event of a shared entity that it is not named for',
      'EVENT_NOT_GRANTED type',
      (sending) => happened(sending, 'person.left', { type: 'person', id: 'ada' }, '2026-03-01'),
    ],
    [
      'the other’s source',
      'SOURCE_MISMATCH source',
      (sending) =>
        altered(
          happened({ ...sending, source: 'north.example' }, 'contract.ended', contract('c-1'), '2026-03-01'),
          {
            source: 'south.example',
          },
        ),
    ],
  ];
  test.each(refusedMessages)('%s is quarantined as %s', async (_, reason, body) => {
    const sim = await lived([], [{ at: 1, id: 's-1', body }]);
    expect(await quarantined(sim)).toEqual([reason]);
    expect(sim.registry.allHoldings()).toEqual([]);
    expect(sim.registry.allFacts()).toEqual([]);
  });
});

describe('a row that both may register', () => {
  const ROW = 'joint/row-1';
  const registers = (at: number, producer: Producer): Said => ({
    at,
    id: `${producer}-registers`,
    body: (sending) => registered(sending, entry(ROW, 'c-1')),
  });
  const ends = (at: number, producer: Producer): Said => ({
    at,
    id: `${producer}-ends`,
    body: (sending) => happened(sending, 'contract.ended', contract('c-1'), occurredAt(at)),
  });
  const withdraws = (at: number, producer: Producer): Said => ({
    at,
    id: `${producer}-withdraws`,
    body: (sending) => withdrawn(sending, { store: STORE, locator: [ROW] }),
  });

  async function joint(north: readonly Said[], south: readonly Said[]): Promise<Simulation> {
    const sim = twoProducers();
    sim.store(STORE).put([ROW], { of: 'both' });
    for (const said of north) say(sim, 'north', said);
    for (const said of south) say(sim, 'south', said);
    await sim.runTo(hour(40));
    return sim;
  }

  test('is deleted only when both have let go of it, whichever came first', async () => {
    const time = fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(time, time, async (north, south) => {
        const sim = await joint(
          [registers(0, 'north'), ...(north === undefined ? [] : [ends(north, 'north')])],
          [registers(0, 'south'), ...(south === undefined ? [] : [ends(south, 'south')])],
        );
        const [effect] = sim.store(STORE).effects;
        const due = Math.max(north ?? Infinity, south ?? Infinity) + 2;
        if (due === Infinity) expect(effect).toBeUndefined();
        else expect(effect?.at).toBeGreaterThanOrEqual(hour(due));
        if (due < Infinity) expect(effect?.at).toBeLessThanOrEqual(hour(due) + HOUR);
      }),
      { numRuns: 40 },
    );
  });

  test('is kept longer by the second registration, never shorter', async () => {
    const sim = await joint(
      [registers(0, 'north'), ends(1, 'north')],
      [registers(2, 'south'), ends(9, 'south')],
    );
    expect(sim.store(STORE).effects.map(({ at }) => at >= hour(11))).toEqual([true]);
  });

  test('stays as the other registered it when one of them withdraws', async () => {
    const sim = await joint(
      [registers(0, 'north'), ends(1, 'north')],
      [registers(0, 'south'), withdraws(10, 'south')],
    );
    const [holding] = sim.registry.allHoldings();
    expect(holding?.variants.map(({ producer }) => producer)).toEqual(['north']);
    expect(sim.store(STORE).effects.map(({ at }) => at >= hour(10))).toEqual([true]);
  });

  test('cannot be withdrawn by a producer that never registered it', async () => {
    const sim = await joint([registers(0, 'north')], [withdraws(1, 'south')]);
    const [holding] = sim.registry.allHoldings();
    expect(holding?.state).toBe('active');
    expect(holding?.variants.map(({ producer }) => producer)).toEqual(['north']);
    // It may come before its own registration, so it is a fact about its own part.
    expect(await quarantined(sim)).toEqual([]);
  });
});
