import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dynamoRegistry } from '../../../shared/adapters/dynamodb/dynamo-registry.ts';
import type { DynamoCall } from '../../../shared/adapters/dynamodb/dynamo-call.ts';
import { pages } from '../../../shared/domain/each.ts';
import type { EntityState } from '../../../shared/domain/facts/facts.ts';
import type { OddEntity } from '../../../shared/domain/record/attention.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { startTables, type TestTables } from '../../support/registry-table.ts';
import { aFact, aHolding, aHoldingRef, anEntityRef, aState, at } from '../../support/samples.ts';
import { registryKinds } from './registry-kinds.ts';

/** An entity with facts, unless none are asked for, and pointers to this many holdings. */
async function entity(
  registry: Registry,
  name: string,
  {
    holdings = 0,
    isKnown = true,
    dangling = [],
  }: {
    readonly holdings?: number;
    readonly isKnown?: boolean;
    readonly dangling?: EntityState['dangling'];
  } = {},
): Promise<void> {
  const ref = anEntityRef(name);
  for (let n = 0; n < holdings; n += 1) await registry.putPointers([ref], aHoldingRef(`${name} ${n}`));
  if (!isKnown) return;
  await registry.putFact(ref, aFact(name));
  await registry.putState(ref, aState({ dangling }));
}

async function everything(registry: Registry): Promise<void> {
  const holdings = Array.from({ length: 12 }, (_, n) => aHolding(n));
  await registry.writeHoldings(holdings.map((after) => ({ before: undefined, after })));
  await registry.moveCursors([{ shard: 3, version: 1 }]);
  await entity(registry, 'as it should be', { holdings: 3 });
  await entity(registry, 'never heard of', { holdings: 1, isKnown: false });
  await entity(registry, 'without a holding');
  const { dangling } = aState();
  await entity(registry, 'corrected in vain', { holdings: 1, dangling });
  const held = aState({ occurrences: {}, truncated: [], dangling: [], holds: ['h-1'] });
  const { truncated: _, ...onlyHeld } = held;
  await registry.putState(anEntityRef('only held'), onlyHeld);
  for (const [folded, spelled] of [
    ['two capital ids', 'Two capital ids'],
    ['two capital ids', 'TWO CAPITAL IDS'],
    ['also in lower case', 'Also in lower case'],
    ['only capital', 'ONLY CAPITAL'],
  ] as const) {
    const spelling = { folded: anEntityRef(folded), spelled: anEntityRef(spelled), type: 'contract' };
    await registry.putSpellings([spelling, spelling]);
    await registry.putSpellings([spelling]);
    await entity(registry, spelled, { holdings: 1 });
  }
  await entity(registry, 'also in lower case', { holdings: 2, isKnown: false });
}

const facts = { events: ['contract.ended'], since: at('2026-03-01T10:00:00Z') };
const ODD: readonly OddEntity[] = [
  {
    ref: anEntityRef('corrected in vain'),
    reason: 'corrections-without-event',
    ...facts,
    since: at('2026-03-03T10:00:00Z'),
  },
  { ref: anEntityRef('without a holding'), reason: 'facts-without-holdings', ...facts },
  { ref: anEntityRef('two capital ids'), reason: 'ids-differ-in-case', events: [], type: 'contract' },
  { ref: anEntityRef('also in lower case'), reason: 'ids-differ-in-case', events: [], type: 'contract' },
];

function sorted<Item extends { readonly ref: string }>(items: readonly Item[]): Item[] {
  return items.toSorted((a, b) => (a.ref < b.ref ? -1 : 1));
}

async function scanned(registry: Registry, segments: number) {
  const holdings: string[] = [];
  const entities: OddEntity[] = [];
  for (let segment = 0; segment < segments; segment += 1) {
    let after: string | undefined;
    do {
      const page = await registry.scanAll(segment, segments, after);
      holdings.push(...page.items.map(({ ref }) => ref));
      entities.push(...page.entities);
      after = page.next;
    } while (after !== undefined);
  }
  return { holdings: holdings.toSorted(), entities: sorted(entities) };
}

async function earlierIn(registry: Registry, segments: number): Promise<readonly string[]> {
  const names: string[] = [];
  for (let segment = 0; segment < segments; segment += 1)
    for await (const page of pages((after) => registry.scanAll(segment, segments, after)))
      names.push(...page.earlier.map(({ ref, generation }) => `${ref} ${generation}`));
  return names.toSorted();
}

const EXPECTED = {
  holdings: Array.from({ length: 12 }, (_, n) => aHoldingRef(n)).toSorted(),
  entities: sorted(ODD),
};

describe.each(registryKinds)('a scan over everything in $name', (kind) => {
  let registry: Registry;
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  beforeEach(async () => {
    registry = await kind.fresh();
  });

  test.each([1, 4])('in %i segments finds every holding, and every odd entity once', async (segments) => {
    await everything(registry);
    expect(await scanned(registry, segments)).toEqual(EXPECTED);
  });

  test('finds the earlier generations of what was registered again, each once', async () => {
    await everything(registry);
    const [first, second] = [aHolding(1), aHolding(2)];
    const again = { ...first, version: first.version + 1, generation: 3 };
    await registry.writeHoldings([{ before: first, after: again }]);
    for (const generation of [1, 2]) await registry.putTombstone({ ...first, generation, state: 'disposed' });
    await registry.writeHoldings([
      { before: second, after: { ...second, version: second.version + 1, generation: 2 } },
    ]);
    await registry.putTombstone({ ...second, state: 'disposed' });
    const found = await earlierIn(registry, 4);
    expect(found).toEqual(
      [`${first.ref} 1`, `${first.ref} 2`, `${second.ref} ${second.generation}`].toSorted(),
    );
    expect(await scanned(registry, 4)).toEqual(EXPECTED);
  });

  test('of an empty registry finds nothing', async () => {
    expect(await scanned(registry, 4)).toEqual({ holdings: [], entities: [] });
  });
});

describe('wherever the pages of a table end', () => {
  let tables: TestTables;
  beforeAll(async () => {
    tables = await startTables();
  });
  afterAll(() => tables.stop());

  test.each([1, 2, 3, 5])('after %i items: each odd entity is found once', async (Limit) => {
    const name = await tables.create();
    await everything(dynamoRegistry(tables.call, name));
    const short: DynamoCall = (operation, input) => {
      const limited = operation === 'Scan' ? { ...input, Limit } : input;
      return tables.call(operation, limited);
    };
    expect(await scanned(dynamoRegistry(short, name), 2)).toEqual(EXPECTED);
  });
});
