import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AboutEntity } from '../../../shared/domain/record/about.ts';
import { recordFact } from '../../../shared/protocol/record-fact.ts';
import { register } from '../../../shared/protocol/registration.ts';
import { type TestTables, startTables } from '../../support/registry-table.ts';
import { countedWorld, type CountedWorld } from '../../support/counted/counted-world.ts';

let tables: TestTables;
let w: CountedWorld;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.stop());
beforeEach(async () => {
  w = await countedWorld(tables, { start: '2026-03-01T10:00:00Z' });
});

const contract = (n: number): AboutEntity => w.entity('contract', `c-${n}`);

async function happens(about: AboutEntity, type: string, occurred: string, id?: string): Promise<void> {
  const fact = w.fact(type, occurred, id === undefined ? {} : { id });
  await recordFact(w.core, about.ref, fact);
}

describe('registering', () => {
  test('marks the store once, whatever is registered in it afterwards', async () => {
    const first = await w.registration('n-1', [contract(0)]);
    expect(await w.unitsOf(() => register(w.core, first))).toEqual({ M: 1, E: 1, H: 1 });
    const second = await w.registration('n-2', [contract(1)]);
    expect(await w.unitsOf(() => register(w.core, second))).toEqual({ E: 1, H: 1 });
  });

  test('a holding with a date costs three write units with one entity, and one more for each further one', async () => {
    for (let n = 0; n < 3; n += 1) await happens(contract(n), 'contract.ended', '2026-03-01');
    await register(w.core, await w.registration('another', [contract(9)]));
    const one = await w.registration('n-1', [contract(0)]);
    expect(await w.unitsOf(() => register(w.core, one))).toEqual({ E: 1, B: 1, H: 1 });
    const three = await w.registration('n-2', [contract(0), contract(1), contract(2)]);
    expect(await w.unitsOf(() => register(w.core, three))).toEqual({ E: 3, B: 1, H: 1 });
  });

  test('without a date it costs two', async () => {
    await register(w.core, await w.registration('another', [contract(9)]));
    const undated = await w.registration('n-1', [contract(0)]);
    expect(await w.unitsOf(() => register(w.core, undated))).toEqual({ E: 1, H: 1 });
  });

  test('the same message again costs one for the pointer that is there, and nothing else', async () => {
    await happens(contract(0), 'contract.ended', '2026-03-01');
    const fact = await w.registration('n-1', [contract(0)]);
    await register(w.core, fact);
    expect(await w.unitsOf(() => register(w.core, fact))).toEqual({ E: 1 });
  });
});

describe('an event', () => {
  test('costs two write units, and two more for each holding whose date becomes known', async () => {
    for (let n = 0; n < 40; n += 1) await register(w.core, await w.registration(`n-${n}`, [contract(0)]));
    const cost = await w.unitsOf(() => happens(contract(0), 'contract.ended', '2026-03-01'));
    expect(cost).toEqual({ E: 2, B: 40, H: 40 });
  });

  test('that changes no plan costs nothing for the holdings', async () => {
    for (let n = 0; n < 40; n += 1) await register(w.core, await w.registration(`n-${n}`, [contract(0)]));
    await happens(contract(0), 'contract.ended', '2026-03-01');
    expect(await w.unitsOf(() => happens(contract(0), 'contract.ended', '2026-03-01', 'another'))).toEqual({
      E: 2,
    });
  });

  test('that moves a date later costs one for each holding, and writes no hint', async () => {
    await register(w.core, await w.registration('n-1', [contract(0)]));
    await happens(contract(0), 'contract.ended', '2026-03-01');
    expect(await w.unitsOf(() => happens(contract(0), 'contract.ended', '2026-05-01'))).toEqual({
      E: 2,
      H: 1,
    });
  });
});
