import { describe, expect, test } from 'vitest';
import type { LogAnswer } from '../../../shared/contract/log-entries.ts';
import { parts } from '../../../shared/domain/each.ts';
import { present } from '../../../shared/domain/present.ts';
import type { Holding, StageDone } from '../../../shared/domain/record/holding.ts';
import { linkLines } from '../../../shared/protocol/entry-links.ts';
import { apiWorld } from '../../support/api-world.ts';
import { indexedLog } from '../../support/log/indexed-log.ts';

type World = ReturnType<typeof apiWorld>;

const SUBJECT = { type: 'account', id: 'a-1', producer: 'shop' };
const ALL = { from: '2026-01-01', to: '2027-01-01', subject: SUBJECT };
const RULE = '1 year after a';

/** How many generations each holding of the subject has, and how many stages each of these had. */
interface Subject {
  readonly holdings: number;
  readonly generations: number;
  readonly stages?: number;
}

async function registerAll(world: World, holdings: number): Promise<void> {
  const all = Array.from({ length: holdings }, (_, number) => ({
    store: 'orders',
    locator: [`shop/${number}`],
    categories: ['profile'],
    purposes: ['login'],
    entities: [{ type: 'account', id: 'a-1' }],
  }));
  for (const some of parts(all, 20)) await world.call('shop', '/v1/holdings', { holdings: some });
  await world.deliver();
}

/** A log of this number of results of 100 entries, some of which are about the subject, each in a result of its own. */
async function subjectIn(results: number, { holdings, generations, stages = 1 }: Subject) {
  const world = apiWorld('2026-05-01T00:00:00Z');
  await registerAll(world, holdings);
  const { registry } = world;
  const all = registry.allHoldings();
  expect(all).toHaveLength(holdings);
  let number = 0;
  const doneOf = async (of: Holding): Promise<StageDone[]> => {
    const done: StageDone[] = [];
    for (let at = 0; at < stages; at += 1) {
      const token = counted.tokens[number % results] ?? '';
      number += 1;
      const named = { ref: of.ref, generation: of.generation, stage: 'delete', outcome: 'deleted' } as const;
      const line = { ...named, entry: 7, version: 1, lookedAt: 0, at: 0, facts: '', policies: '' };
      const [linked] = await linkLines(world.keys, token, [{ year: 2026, line }]);
      const { version } = of;
      const link = linked?.link ?? '';
      done.push({ stage: 'delete', outcome: 'deleted', at: 0, link, version, facts: '', policies: '' });
    }
    return done;
  };
  const counted = await indexedLog(world, {
    from: '2026-03-01',
    days: 30,
    results,
    store: () => 'orders',
    lines: () => Array.from({ length: 100 }, () => ({ rule: RULE, outcome: 'deleted' })),
  });
  for (const holding of all) {
    for (let generation = 1; generation < generations; generation += 1) {
      const earlier = { ...holding, generation, state: 'disposed' } as const;
      await registry.putTombstone({ ...earlier, done: await doneOf(earlier) });
    }
    const newest = { ...holding, generation: generations, version: holding.version + 1 };
    const after = { ...newest, done: await doneOf(newest) };
    await registry.writeHoldings([{ before: holding, after }]);
  }
  counted.requests = 0;
  return { world, counted };
}

async function pagesOf({ world, counted }: Awaited<ReturnType<typeof subjectIn>>, query: object) {
  const pages: { readonly found: number; readonly requests: number }[] = [];
  const shown: string[] = [];
  let cursor: string | undefined;
  do {
    const before = counted.requests;
    const answer = await world.call('auditor', '/v1/log/entries/query', { ...query, ...present({ cursor }) });
    expect(answer.status).toBe(200);
    const page = answer.body as unknown as LogAnswer;
    pages.push({ found: page.entries.length, requests: counted.requests - before });
    shown.push(...page.entries.map(({ token, line }) => `${token} ${line}`));
    cursor = page.next;
  } while (cursor !== undefined);
  return { pages, shown };
}

describe('a page of everything about a subject', () => {
  test('takes the same few requests in a log of 10⁴, 10⁵ and 10⁶ entries', async () => {
    const subject = { holdings: 100, generations: 1 };
    const small = await pagesOf(await subjectIn(100, subject), ALL);
    expect(small.pages).toEqual([{ found: 100, requests: 7 }]);
    for (const results of [1000, 10_000])
      expect((await pagesOf(await subjectIn(results, subject), ALL)).pages).toEqual(small.pages);
  });

  test('takes at most 10 requests where each record was registered again and again', async () => {
    const { pages, shown } = await pagesOf(await subjectIn(10_000, { holdings: 120, generations: 5 }), ALL);
    for (const { requests } of pages) expect(requests).toBeLessThanOrEqual(10);
    expect([shown.length, new Set(shown).size]).toEqual([600, 600]);
  });

  test('takes at most 10 requests where each record had several stages, or one had thousands', async () => {
    for (const subject of [
      { holdings: 100, generations: 2, stages: 3 },
      { holdings: 1, generations: 1, stages: 1000 },
      { holdings: 1, generations: 1000 },
    ]) {
      const { pages, shown } = await pagesOf(await subjectIn(10_000, subject), ALL);
      for (const { requests } of pages) expect(requests).toBeLessThanOrEqual(10);
      const all = subject.holdings * subject.generations * (subject.stages ?? 1);
      expect([shown.length, new Set(shown).size]).toEqual([all, all]);
    }
  });

  test('reads no result of another time or store', async () => {
    const w = await subjectIn(1000, { holdings: 100, generations: 1 });
    expect((await pagesOf(w, { ...ALL, to: '2026-02-01' })).shown).toEqual([]);
    expect((await pagesOf(w, { ...ALL, store: 'invoices' })).shown).toEqual([]);
    expect(w.counted.read).toBe(0);
    const { shown } = await pagesOf(w, { ...ALL, to: '2026-03-02' });
    expect(shown.length).toBe(w.counted.read);
  });
});
