import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Registry } from '../../../shared/ports/registry.ts';
import { aFact, aHolding, aHoldingRef, anEntityRef, anEventRef, aState } from '../../support/samples.ts';
import { registryKinds } from './registry-kinds.ts';
import { putNew } from './registry-samples.ts';

describe.each(registryKinds)('facts and states in $name', (kind) => {
  let registry: Registry;
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  beforeEach(async () => {
    registry = await kind.fresh();
  });
  const entity = anEntityRef('c-9');

  test('a fact is new once, then a duplicate, and what was received first stays', async () => {
    expect(await registry.putFact(entity, aFact(1))).toBe('new');
    const later = aFact(1, { received: aFact(1).received + 5000 });
    expect(await registry.putFact(entity, later)).toBe('duplicate');
    expect(await registry.history(entity)).toEqual([aFact(1)]);
  });

  test('an event id that comes back with another body is reused, and the first body stays', async () => {
    await registry.putFact(entity, aFact(1));
    const other = aFact(1, { bodyHash: 'b'.repeat(64), type: 'contract.renewed' });
    expect(await registry.putFact(entity, other)).toBe('reused');
    expect(await registry.history(entity)).toEqual([aFact(1)]);
  });

  test('of many writers of one event exactly one is told that it is new', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => registry.putFact(entity, aFact(1))));
    expect(answers.toSorted()).toEqual([...Array<string>(7).fill('duplicate'), 'new']);
  });

  test('the same event id of another entity is another fact', async () => {
    await registry.putFact(entity, aFact(1));
    expect(await registry.putFact(anEntityRef('c-10'), aFact(1))).toBe('new');
    expect(await registry.history(anEntityRef('c-10'))).toHaveLength(1);
  });

  test('corrections and retractions keep what they are about, and a fact keeps its attributes', async () => {
    const correction = aFact(2, {
      kind: 'correction',
      about: anEventRef(1),
      attributes: { reason: 'typo', days: 3 },
    });
    const { occurred: _, ...dateless } = aFact(3, { kind: 'retraction', type: '', about: anEventRef(2) });
    await registry.putFact(entity, correction);
    await registry.putFact(entity, dateless);
    const history = await registry.history(entity);
    expect(history.toSorted((a, b) => a.kind.localeCompare(b.kind))).toEqual([correction, dateless]);
  });

  test('a history beyond one page of the table is whole', async () => {
    const facts = Array.from({ length: 12 }, (_, n) =>
      aFact(n, { attributes: { note: 'x'.repeat(100_000) } }),
    );
    for (const fact of facts) await registry.putFact(entity, fact);
    const refs = (await registry.history(entity)).map(({ ref }) => ref);
    expect(refs.toSorted()).toEqual(facts.map(({ ref }) => ref).toSorted());
  });

  test('single facts are read by their references: those that are there, each once', async () => {
    for (const n of [1, 2, 3]) await registry.putFact(entity, aFact(n));
    await registry.putFact(anEntityRef('c-10'), aFact(4));
    const asked = [1, 3, 3, 4, 5].map((n) => aFact(n).ref);
    const found = await registry.facts(entity, asked);
    expect(found.toSorted((a, b) => (a.ref < b.ref ? -1 : 1))).toEqual(
      [aFact(1), aFact(3)].toSorted((a, b) => (a.ref < b.ref ? -1 : 1)),
    );
    expect(await registry.facts(entity, [])).toEqual([]);
  });

  test('an entity of which nothing is known has an empty state of version 0 and an empty history', async () => {
    const empty = { version: 0, profile: '', occurrences: {}, rebuilt: 0, dangling: [], holds: [] };
    expect(await registry.states([entity])).toEqual(new Map([[entity, empty]]));
    expect(await registry.history(entity)).toEqual([]);
  });

  test('a state that was put is read as it was, one version higher', async () => {
    expect(await registry.putState(entity, aState())).toBe('written');
    expect((await registry.states([entity])).get(entity)).toEqual({ ...aState(), version: 1 });
    const bare = { version: 1, profile: 'profile-2', occurrences: {}, rebuilt: 0, dangling: [], holds: [] };
    expect(await registry.putState(entity, bare)).toBe('written');
    expect((await registry.states([entity])).get(entity)).toEqual({ ...bare, version: 2 });
  });

  test('a state is written on the version that is stored and on no other', async () => {
    await registry.putState(entity, aState());
    for (const version of [0, 2, 3])
      expect(await registry.putState(entity, aState({ version, profile: 'lost' }))).toBe('moved');
    expect((await registry.states([entity])).get(entity)).toEqual({ ...aState(), version: 1 });
    expect(await registry.putState(anEntityRef('new'), aState({ version: 1 }))).toBe('moved');
  });

  test('of many writers on one version exactly one writes', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => registry.putState(entity, aState())));
    expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
    expect((await registry.states([entity])).get(entity)?.version).toBe(1);
  });

  test('states are answered for more entities than one request may name, and for one named twice', async () => {
    const entities = Array.from({ length: 130 }, (_, n) => anEntityRef(n));
    await Promise.all(entities.slice(0, 120).map((ref) => registry.putState(ref, aState())));
    const states = await registry.states([...entities, entities[0] ?? entity]);
    expect(states.size).toBe(130);
    expect([...states.values()].filter(({ version }) => version === 1)).toHaveLength(120);
    expect([...states.values()].filter(({ version }) => version === 0)).toHaveLength(10);
    expect(await registry.states([])).toEqual(new Map());
  });

  test('facts, states, pointers and holdings do not appear in each other', async () => {
    await registry.putFact(entity, aFact(1));
    await registry.putState(entity, aState());
    await registry.putPointers([entity], aHoldingRef(1));
    await putNew(registry, aHolding(1));
    expect(await registry.history(entity)).toHaveLength(1);
    expect((await registry.pointers(entity)).items).toHaveLength(1);
    expect((await registry.states([entity])).size).toBe(1);
    expect(await registry.tombstones(aHoldingRef(1))).toEqual([]);
  });
});
