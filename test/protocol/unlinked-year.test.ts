import { describe, expect, test } from 'vitest';
import { memoryKeys } from '../../shared/adapters/memory/memory-keys.ts';
import { logRef } from '../../shared/domain/configuration/references.ts';
import type { Entry } from '../../shared/domain/record/entry.ts';
import type { Holding } from '../../shared/domain/record/holding.ts';
import { openLines, openLink } from '../../shared/protocol/entry-links.ts';
import { workOnChunk } from '../../shared/protocol/lane/work-on-chunk.ts';
import { at, dies, due, dying, entriesOf, handedOver, leaseEnds } from '../support/driver/dying-worker.ts';
import { world } from '../support/driver/world.ts';

/*
 * The attacker has the whole table and the whole log, but not the log's key of the year, which was destroyed. Whatever
 * names an entry of a holding, or is the same in both, would lead from one to the other.
 */

const COUNT = 8;

/** Records of one contract each, disposed of by one attempt. */
async function disposedWorld() {
  const w = world({ rules: { notes: ['30 days after contract.ended'] } });
  for (let number = 0; number < COUNT; number += 1) {
    const contract = w.entity('contract', `c-${number}`);
    w.store.put([`n-${number}`]);
    await w.register(await w.registration(`n-${number}`, [contract]));
    await w.happened(contract, w.fact('contract.ended', '2026-03-01', { id: `e-${number}` }));
  }
  await w.run(at('2026-04-01T00:30:00Z'));
  expect(w.store.size()).toBe(0);
  return w;
}
type World = Awaited<ReturnType<typeof disposedWorld>>;

/** Everything in the table that belongs to one holding, as text. */
function inTable(w: World, holding: Holding): string {
  const entities = new Set(holding.variants.flatMap(({ entities: about }) => about.map(({ ref }) => ref)));
  return JSON.stringify([
    holding,
    w.registry.allTombstones().filter(({ ref }) => ref === holding.ref),
    w.registry.allHints().filter((hint) => hint.holding === holding.ref),
    [...w.registry.allStates()].filter(([entity]) => entities.has(entity)),
  ]);
}

/** What is long enough to name something: references, tokens, digests, links, and times to the millisecond. */
function namesIn(text: string): readonly string[] {
  return [
    ...(text.match(/[\w-]{16,}/g) ?? []),
    ...(text.match(/\d{4}-\d\d-\d\dT[\d:.]+Z/g) ?? []).map((iso) => String(Date.parse(iso))),
    ...(text.match(/\b1\d{12}\b/g) ?? []),
  ];
}

function inLog(w: World): string {
  return w.bucket
    .allObjects()
    .map(({ bytes }) => Buffer.from(bytes).toString('utf8'))
    .join('');
}

describe('when the log’s key of a year is destroyed', () => {
  test('no name is both in the table’s items of a holding and in the log', async () => {
    const w = await disposedWorld();
    const log = `${inLog(w)} ${JSON.stringify(w.registry.allResults())} ${JSON.stringify(w.registry.allSealed())}`;
    expect(entriesOf(w)).toHaveLength(COUNT);
    const named = new Set(namesIn(log));
    // Of all records alike: the policies, and when the chunk was due and their contracts ended.
    const alike = new Set(namesIn(inTable(w, w.holding('n-0')!)));
    for (let number = 1; number < COUNT; number += 1) {
      const own = namesIn(inTable(w, w.holding(`n-${number}`)!));
      const common = own.filter((name) => named.has(name) && !alike.has(name));
      expect(common).toEqual([]);
    }
  });

  test('neither results nor objects of the log have a reference of the registry', async () => {
    const w = await disposedWorld();
    const log = `${inLog(w)} ${JSON.stringify(w.registry.allResults())} ${JSON.stringify(w.registry.allSealed())}`;
    for (const holding of w.registry.allHoldings()) {
      expect(log).not.toContain(holding.ref);
      for (const { ref } of holding.variants.flatMap(({ entities }) => entities))
        expect(log).not.toContain(ref);
    }
  });

  test('the order of entries is that of their keyed references, which says nothing of the holdings’', async () => {
    const w = await disposedWorld();
    const written = entriesOf(w).map(({ holding }) => holding);
    expect(written).toEqual(written.toSorted());
    const key = await w.core.keys.logKey(2026);
    const asRegistered = w.registry
      .allHoldings()
      .map(({ ref }) => ref)
      .toSorted()
      .map((ref) => logRef(key, ref));
    expect(written).not.toEqual(asRegistered);
    expect(written.toSorted()).toEqual(asRegistered.toSorted());
  });

  test('every tombstone fits every entry of the attempt equally well', async () => {
    const w = await disposedWorld();
    const seen = (holding: Holding) => ({
      store: holding.store,
      categories: holding.variants.flatMap(({ categories }) => categories),
      generation: holding.generation,
      done: (holding.done ?? []).map(({ link, ...rest }) => ({ ...rest, length: link.length })),
    });
    const [first, ...others] = w.registry.allHoldings().map(seen);
    expect(others).toHaveLength(COUNT - 1);
    for (const other of others) expect(other).toEqual(first);
    const shown = (entry: Entry) => {
      const { holding: _holding, subjects, ...rest } = entry;
      return { ...rest, subjects: subjects.length };
    };
    const [entry, ...rest] = entriesOf(w).map(shown);
    for (const other of rest) expect(other).toEqual(entry);
  });

  test('what a tombstone keeps leads to its entry with the key, and to nothing without it', async () => {
    const w = await disposedWorld();
    const secret = new Uint8Array(32).fill(7);
    const key = await w.core.keys.logKey(2026);
    const destroyed = memoryKeys(secret, new Set([2026]));
    const [result] = w.registry.allResults();
    if (result === undefined || 'void' in result) throw new Error('no result');
    for (const holding of w.registry.allHoldings()) {
      const [done] = holding.done ?? [];
      if (done === undefined) throw new Error('it is not disposed of');
      const link = await openLink(w.core.keys, holding, done);
      expect(result.entries[link?.line ?? -1]?.holding).toBe(logRef(key, holding.ref));
      expect(link?.token).toBe(result.token);
      expect(await openLink(destroyed, holding, done)).toBeUndefined();
    }
    expect(await openLines(w.core.keys, result)).toHaveLength(COUNT);
    expect(await openLines(destroyed, result)).toEqual([]);
    for (const year of [2025, 2027])
      await expect(
        w.core.keys.decryptFromLog(year, 'context', result.lines[0]?.sealed ?? ''),
      ).rejects.toMatchObject({ code: 'CIPHERTEXT_BROKEN' });
  });

  test('a link is bound to its holding, generation and stage', async () => {
    const w = await disposedWorld();
    const [one, other] = w.registry.allHoldings();
    const [done] = one?.done ?? [];
    if (one === undefined || other === undefined || done === undefined) throw new Error('nothing is there');
    const broken = { code: 'CIPHERTEXT_BROKEN' };
    await expect(openLink(w.core.keys, other, done)).rejects.toMatchObject(broken);
    await expect(openLink(w.core.keys, { ...one, generation: 2 }, done)).rejects.toMatchObject(broken);
    await expect(openLink(w.core.keys, one, { ...done, stage: 'restrict' })).rejects.toMatchObject(broken);
  });
});

describe('an attempt whose lines cannot be opened any more', () => {
  test('is uncertain: the store is read again, and the record waits for a key', async () => {
    const { w } = await due();
    const chunk = await handedOver(w);
    await dies(dying(w.core, 'registry', 'writeHoldings'), chunk);
    expect(w.store.size()).toBe(0);
    await leaseEnds(w);
    const keys = memoryKeys(new Uint8Array(32).fill(7), new Set([2026]));
    expect(await workOnChunk({ ...w.core, keys }, chunk)).toBe('left');
    expect(w.holding('n-1')?.state).toBe('active');
    expect(w.registry.allChunks()).toMatchObject([
      { failure: { code: 'LOG_KEY_MISSING' }, uncertain: [{ stage: 'delete' }] },
    ]);
    // The key was restored from a backup.
    await w.run(at('2026-04-01T03:00:00Z'));
    expect(w.holding('n-1')?.state).toBe('disposed');
  });
});
