import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Registry } from '../../../shared/ports/registry.ts';
import { registryKinds } from '../../support/registries.ts';
import {
  aFact,
  aHolding,
  aHoldingRef,
  anEntityRef,
  anEventRef,
  aState,
  walk,
} from '../../support/samples.ts';

describe.each(registryKinds)('facts, states and pointers in $name', (kind) => {
  let registry: Registry;
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  beforeEach(async () => {
    ({ registry } = await kind.fresh());
  });
  const entity = anEntityRef('c-9');

  test('a fact is new once, then a duplicate', async () => {
    expect(await registry.putFact(entity, aFact(1))).toBe('new');
    expect(await registry.putFact(entity, aFact(1))).toBe('duplicate');
    expect(await registry.history(entity)).toEqual([aFact(1)]);
  });

  test('a duplicate that was received later does not change what was received first', async () => {
    await registry.putFact(entity, aFact(1));
    expect(await registry.putFact(entity, aFact(1, { received: aFact(1).received + 5000 }))).toBe(
      'duplicate',
    );
    expect(await registry.history(entity)).toEqual([aFact(1)]);
  });

  test('a duplicate that was sent earlier lowers the time of sending, in whatever order they come', async () => {
    const sent = [3, 1, 2].map((hours) => aFact(1).sent + hours * 3_600_000);
    for (const one of sent) await registry.putFact(entity, aFact(1, { sent: one }));
    expect(await registry.history(entity)).toEqual([aFact(1, { sent: Math.min(...sent) })]);
  });

  test('of many writers of one event the earliest time of sending stands', async () => {
    const sent = Array.from({ length: 8 }, (_, n) => aFact(1).sent + ((n * 5) % 8));
    await Promise.all(sent.map((one) => registry.putFact(entity, aFact(1, { sent: one }))));
    expect((await registry.history(entity))[0]?.sent).toBe(aFact(1).sent);
  });

  test('another body lowers nothing', async () => {
    await registry.putFact(entity, aFact(1));
    await registry.putFact(entity, aFact(1, { bodyHash: 'b'.repeat(64), sent: 0 }));
    expect(await registry.history(entity)).toEqual([aFact(1)]);
  });

  test('an event id that comes back with another body is reused, and the first body stays', async () => {
    await registry.putFact(entity, aFact(1));
    const other = aFact(1, { bodyHash: 'b'.repeat(64), type: 'contract.renewed' });
    expect(await registry.putFact(entity, other)).toBe('reused');
    expect(await registry.history(entity)).toEqual([aFact(1)]);
  });

  test('of many writers of one event, exactly one gets the answer that it is new', async () => {
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

  test('an entity of which nothing is known has an empty state of version 0 and an empty history', async () => {
    const empty = { version: 0, profile: '', occurrences: {}, rebuilt: 0, dangling: [], holds: [] };
    expect(await registry.states([entity])).toEqual(new Map([[entity, empty]]));
    expect(await registry.history(entity)).toEqual([]);
    expect(await registry.pointers(entity)).toEqual({ items: [] });
  });

  test('a state that was put is read as it was, one version higher', async () => {
    expect(await registry.putState(entity, aState())).toBe('written');
    expect((await registry.states([entity])).get(entity)).toEqual({ ...aState(), version: 1 });
    const bare = { version: 1, profile: 'profile-2', occurrences: {}, rebuilt: 0, dangling: [], holds: [] };
    expect(await registry.putState(entity, bare)).toBe('written');
    expect((await registry.states([entity])).get(entity)).toEqual({ ...bare, version: 2 });
  });

  test('a state that is too large for its item says so, and is read as it was', async () => {
    const { occurrences: _, ...state } = aState({ dangling: 'too-many', truncated: 'all' });
    expect(await registry.putState(entity, { ...state, occurrences: {} })).toBe('written');
    expect((await registry.states([entity])).get(entity)).toEqual({ ...state, occurrences: {}, version: 1 });
  });

  test('a state is written on the version that is stored and on no other', async () => {
    await registry.putState(entity, aState());
    for (const version of [0, 2, 3]) {
      expect(await registry.putState(entity, aState({ version, profile: 'lost' }))).toBe('moved');
    }
    expect((await registry.states([entity])).get(entity)).toEqual({ ...aState(), version: 1 });
    expect(await registry.putState(anEntityRef('new'), aState({ version: 1 }))).toBe('moved');
  });

  test('of many writers on one version exactly one writes', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => registry.putState(entity, aState())));
    expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
    expect((await registry.states([entity])).get(entity)?.version).toBe(1);
  });

  test('states are answered for more entities than one request may name, and for one that is named twice', async () => {
    const entities = Array.from({ length: 130 }, (_, n) => anEntityRef(n));
    await Promise.all(entities.slice(0, 120).map((ref) => registry.putState(ref, aState())));
    const states = await registry.states([...entities, entities[0] ?? entity]);
    expect(states.size).toBe(130);
    expect([...states.values()].filter(({ version }) => version === 1)).toHaveLength(120);
    expect([...states.values()].filter(({ version }) => version === 0)).toHaveLength(10);
    expect(await registry.states([])).toEqual(new Map());
  });

  test('a pointer that is put twice is there once', async () => {
    await registry.putPointer(entity, aHoldingRef(1));
    await registry.putPointer(entity, aHoldingRef(1));
    expect(await registry.pointers(entity)).toEqual({ items: [aHoldingRef(1)] });
  });

  test('the pages of an entity with many holdings name each of them once, and at most 100 a page', async () => {
    const refs = Array.from({ length: 250 }, (_, n) => aHoldingRef(n));
    await Promise.all(refs.map((ref) => registry.putPointer(entity, ref)));
    await registry.putPointer(anEntityRef('c-10'), aHoldingRef('other'));
    await registry.putFact(entity, aFact(1));
    await registry.putState(entity, aState());
    expect((await walk((after) => registry.pointers(entity, after))).toSorted()).toEqual(refs.toSorted());
    const first = await registry.pointers(entity);
    expect(first.items).toHaveLength(100);
    expect(await registry.pointers(entity, first.next)).toEqual(await registry.pointers(entity, first.next));
  });

  test('a pointer that is put before the cursor during a walk does not disturb the walk', async () => {
    const refs = Array.from({ length: 150 }, (_, n) => aHoldingRef(n)).toSorted();
    const [earliest = aHoldingRef(0), ...others] = refs;
    await Promise.all(others.map((ref) => registry.putPointer(entity, ref)));
    const first = await registry.pointers(entity);
    await registry.putPointer(entity, earliest);
    const second = await registry.pointers(entity, first.next);
    expect([...first.items, ...second.items]).toEqual(others);
  });

  test('facts, states, pointers and holdings do not appear in each other', async () => {
    await registry.putFact(entity, aFact(1));
    await registry.putState(entity, aState());
    await registry.putPointer(entity, aHoldingRef(1));
    await registry.putHolding(aHolding(1));
    expect(await registry.history(entity)).toHaveLength(1);
    expect((await registry.pointers(entity)).items).toHaveLength(1);
    expect((await registry.states([entity])).size).toBe(1);
    expect(await registry.tombstones(aHoldingRef(1))).toEqual([]);
  });
});
