import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Registry } from '../../../shared/ports/registry.ts';
import { registryKinds } from './registry-kinds.ts';

const NOON = Date.UTC(2026, 2, 1, 12);

describe.each(registryKinds)('marks of stores with registered records in $name', (kind) => {
  let registry: Registry;
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  beforeEach(async () => {
    registry = await kind.fresh();
  });

  test('are none at the beginning, and no walk has ended', async () => {
    expect(await registry.registeredMarks()).toEqual({ stores: new Set() });
  });

  test('stay, however often a store is marked', async () => {
    for (const store of ['crm', 'mail', 'crm', 's#odd', 'v']) await registry.markRegistered(store);
    expect(await registry.registeredMarks()).toEqual({ stores: new Set(['crm', 'mail', 's#odd', 'v']) });
  });

  test('say what was walked, as it was noted last', async () => {
    await registry.markRegistered('crm');
    await registry.noteMarksWalked({ of: '-', first: NOON });
    expect((await registry.registeredMarks()).walked).toEqual({ of: '-', first: NOON });
    await registry.noteMarksWalked({ of: '-', first: NOON, last: NOON + 5 });
    expect((await registry.registeredMarks()).walked).toEqual({ of: '-', first: NOON, last: NOON + 5 });
    await registry.noteMarksWalked({ of: 'restored-table', first: NOON + 9 });
    expect(await registry.registeredMarks()).toEqual({
      stores: new Set(['crm']),
      walked: { of: 'restored-table', first: NOON + 9 },
    });
  });
});
