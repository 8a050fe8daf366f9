import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EntityRef } from '../../../shared/domain/record/ids.ts';
import { reachOfChild } from '../../../shared/protocol/people/record-link.ts';
import {
  ACCOUNT,
  childWorld,
  EVERYTHING,
  isChildOf,
  isChildsAccount,
  LENA,
  type Sent,
  TOM,
} from '../../support/people/child-world.ts';

const HOUR = 3_600_000;

function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]),
  );
}

/** Records that are left an hour later. */
async function left(sent: readonly Sent[]): Promise<string[]> {
  const c = childWorld();
  const records = ['device', 'profile', 'family'];
  for (const id of records) c.w.store.put([id], {});
  for (const one of sent) await c.take(one);
  await c.w.run(c.w.clock.now() + 2 * HOUR);
  return records.filter((id) => c.w.store.fields([id]) !== undefined && sent.includes(id as Sent));
}

describe('a record that names only the account of a child', () => {
  test.each(permutations(['device', 'link', 'born'] as const).map((order) => ({ order })))(
    'is erased, whatever came first: $order',
    async ({ order }) => {
      expect(await left(order)).toEqual([]);
    },
  );

  test.each(permutations(['device', 'profile', 'found'] as const).map((order) => ({ order })))(
    'is erased where a registration names both: $order',
    async ({ order }) => {
      expect(await left(order)).toEqual([]);
    },
  );

  test('stays where the birth is corrected in time, where it is retracted, and where the link is', async () => {
    expect(await left(['device', 'link', 'born', 'grown-up'])).toEqual(['device']);
    expect(await left(['device', 'link', 'born', 'not-born'])).toEqual(['device']);
    expect(await left(['device', 'link', 'born', 'unlink'])).toEqual(['device']);
    expect(await left(['device', 'link', 'grown-up', 'born', 'young'])).toEqual([]);
    expect(await left(['device', 'link', 'born', 'unlink', 'link again'])).toEqual([]);
  });

  test('stays where the account is a parent’s, too, whichever is known first; the child’s own record goes', async () => {
    expect(await left(['device', 'profile', 'born', 'family'])).toEqual(['device', 'family']);
    expect(await left(['device', 'profile', 'family', 'born'])).toEqual(['device', 'family']);
    expect(await left(['family', 'device', 'born', 'profile'])).toEqual(['device', 'family']);
  });
});

test('what was erased before its account became a parent’s, too, was erased lawfully', async () => {
  const c = childWorld();
  c.w.store.put(['device'], {});
  for (const one of ['device', 'link', 'born'] as const) await c.take(one);
  await c.w.run(c.w.clock.now() + 2 * HOUR);
  expect(c.w.store.fields(['device'])).toBeUndefined();
  for (const one of ['family', 'family'] as const) await c.take(one);
  expect(await c.isChild(ACCOUNT)).toBe(false);
  const codes = c.w.reports.lines.map(({ code }) => code);
  expect(codes).not.toContain('dispose.before-the-fact');
  expect(codes).not.toContain('ingest.late-fact');
});

test('how many accounts are left alone, because they are another person’s, is reported', async () => {
  const c = childWorld();
  for (const one of ['profile', 'family', 'born'] as const) await c.take(one);
  expect(c.w.reports.lines).toContainEqual(
    expect.objectContaining({ code: 'child.shared-account', fields: { count: 1 } }),
  );
});

test('what is sent ends in the same, in any order and any number of times', async () => {
  let childs = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.constantFrom(...EVERYTHING), { minLength: 3 }),
      fc.array(fc.nat(20), { maxLength: 4 }),
      async (order, repeated) => {
        const c = childWorld();
        for (const one of order) await c.take(one);
        for (const index of repeated) {
          const again = order[index % order.length];
          if (again !== undefined) await c.take(again);
        }
        const sent = new Set(order);
        expect(await c.isChild(LENA)).toBe(isChildOf(sent));
        expect(await c.isChild(ACCOUNT)).toBe(isChildsAccount(sent));
        expect(await c.isChild(TOM)).toBe(false);
        childs += Number(isChildsAccount(sent));
      },
    ),
    { numRuns: 200 },
  );
  expect(childs).toBeGreaterThan(10);
});

describe('a registry that was restored', () => {
  const archives: readonly (readonly Sent[])[] = [
    ['link', 'born', 'grown-up', 'young'],
    ['link', 'found', 'unlink', 'link again'],
    ['link', 'found', 'unlink', 'not unlinked'],
    ['profile', 'born', 'grown-up'],
    ['profile', 'born', 'family'],
  ];
  test.each(archives.map((archive) => ({ archive })))('knows it again from $archive', async ({ archive }) => {
    for (const order of permutations(archive)) {
      const c = childWorld();
      await c.take('device');
      for (const one of [...order, ...order]) await c.take(one, { isReplayed: true });
      expect(await c.isChild(ACCOUNT)).toBe(isChildsAccount(new Set(archive)));
    }
  });
});

describe('what it costs', () => {
  const walksNothing = (c: ReturnType<typeof childWorld>): void => {
    c.w.registry.pointers = async () => {
      throw new Error('the records of an entity were looked for');
    };
  };

  test.each([
    ['reached it', ['profile', 'born']],
    ['left it alone', ['profile', 'family', 'born', 'profile']],
  ] as const)(
    'a registration looks for no other record, if what is known has %s already',
    async (_, before) => {
      const c = childWorld();
      for (const one of before) await c.take(one);
      walksNothing(c);
      await c.take('profile');
    },
  );

  test('a registration does look where something is missing', async () => {
    const c = childWorld();
    await c.take('born');
    walksNothing(c);
    await expect(c.take('profile')).rejects.toThrow('were looked for');
  });

  test('nothing without `children` in a policy, nor for an event that says nothing of children', async () => {
    const c = childWorld();
    const registry = new Proxy(c.core.registry, {
      get() {
        throw new Error('the registry was asked');
      },
    });
    const { configuration } = c.core;
    const policies = {
      policies: configuration.policies.policies.map((policy) => {
        const { children: _children, ...rest } = policy;
        return rest;
      }),
    };
    const person = { type: 'person', ref: 'lena' as EntityRef };
    const born = c.w.fact('person.born', '2015-05-05');
    await reachOfChild({ ...c.core, registry, configuration: { ...configuration, policies } }, person, born);
    await reachOfChild({ ...c.core, registry }, person, c.w.fact('person.moved', '2015-05-05'));
    await expect(reachOfChild({ ...c.core, registry }, person, born)).rejects.toThrow('was asked');
  });
});
