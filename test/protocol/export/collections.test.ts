import { describe, expect, test } from 'vitest';
import { advanceExport } from '../../../shared/protocol/export/advance-export.ts';
import { readPart } from '../../../shared/protocol/export/read-part.ts';
import { collects, owns, rowNames } from '../../support/export/collected.ts';
import { type ExportWorld, exportWorld, person, ROWS, SCANS } from '../../support/export/export-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

type Archive = Awaited<ReturnType<ExportWorld['archive']>>;

const texts = ({ records }: Pick<Archive, 'records'>): string[] =>
  records.flatMap(({ data }) => (data === undefined ? [] : [String(data['text']).slice(8)])).toSorted();
const pagesIn = ({ files }: Pick<Archive, 'files'>): string[] =>
  [...files]
    .filter(([path]) => path.startsWith('files/'))
    .map(([, bytes]) => (JSON.parse(bytes.toString()) as { text: string }).text.slice(8))
    .toSorted();

async function copied(w: ExportWorld, during: (w: ExportWorld) => Promise<void> = async () => {}) {
  const ref = await w.asks();
  await during(w);
  await w.pass(2 * HOUR);
  expect(w.errors).toEqual([]);
  return w.archive(ref);
}

describe('the copy of a collection', () => {
  test('has all of its records, and none of others, with its category', async () => {
    const w = exportWorld();
    await collects(w);
    const all = rowNames(230);
    owns(w, all);
    owns(w, ['x-1'], ROWS, 'other');
    const archive = await copied(w);
    expect(texts(archive)).toEqual(all);
    expect(archive.told).toMatchObject({ records: 230, leftOut: 0 });
    expect(archive.records[0]).toMatchObject({ categories: ['notes'], purposes: [], data: { owner: 'me' } });
  });

  test('has the files of a prefix', async () => {
    const w = exportWorld();
    await collects(w, { store: SCANS });
    const all = rowNames(330);
    owns(w, all, SCANS);
    const archive = await copied(w);
    expect(pagesIn(archive)).toEqual(all);
    expect(archive.told.records).toBe(330);
    // One page has at most 150 files and a listing more.
    const pages = w.registry.allExportPages();
    expect(pages.length).toBeGreaterThan(1);
    expect(Math.max(...pages.map(({ files }) => files.length))).toBeLessThanOrEqual(201);
  });

  test('has a record once that is registered on its own, with what its registration says', async () => {
    const w = exportWorld();
    await collects(w);
    const all = rowNames(30);
    for (const id of ['r-00003', 'r-00029'])
      await w.seed(id, { fields: { owner: 'me', text: `text of ${id}` } });
    owns(
      w,
      all.filter((id) => id !== 'r-00003' && id !== 'r-00029'),
    );
    const archive = await copied(w);
    expect(texts(archive)).toEqual(all);
    expect(archive.told).toMatchObject({ records: 30, leftOut: 0 });
    const single = archive.records.filter(({ purposes }) => purposes.length > 0);
    expect(texts({ records: single })).toEqual(['r-00003', 'r-00029']);
  });

  test.each([
    ['is about somebody else, too', { about: [person('me'), person('other')] }, 'about-others', 1],
    ['is about somebody else only', { about: [person('other')] }, 'about-others', 1],
    ['was registered on its own, and is about the person only', { about: [person('me')] }, undefined, 0],
  ])('of a record that was registered after the listing and %s', async (_, seeded, reason, leftOut) => {
    const w = exportWorld();
    await collects(w);
    const all = rowNames(12);
    owns(w, all);
    const ref = await w.asks();
    const fields = { owner: 'me', text: 'text of r-00005' };
    w.onNext('dispose', async ({ make }) => {
      await w.seed('r-00005', { fields, ...seeded });
      return make();
    });
    await w.pass(2 * HOUR);
    expect(w.errors).toEqual([]);
    const archive = await w.archive(ref);
    expect(archive.manifest.leftOut).toMatchObject(reason === undefined ? [] : [{ reason, records: 1 }]);
    expect(archive.told).toMatchObject({ records: 12 - leftOut, leftOut });
    expect(texts(archive)).toEqual(leftOut === 0 ? all : all.filter((id) => id !== 'r-00005'));
  });

  test('does not have what a producer asks for and another application has registered', async () => {
    const w = exportWorld();
    await collects(w);
    owns(w, rowNames(3));
    await w.seed('r-00001', {
      about: [person('other')],
      fields: { owner: 'me', text: 'text of r-00001' },
      variant: { producer: 'rival' },
    });
    const ref = await w.asks({ filer: { role: 'producer', producer: 'portal' } });
    await w.pass(2 * HOUR);
    const archive = await w.archive(ref);
    expect(texts(archive)).toEqual(['r-00000', 'r-00002']);
    expect(archive.manifest.leftOut).toMatchObject([{ reason: 'other-applications', records: 1 }]);
  });

  test('goes on while records are added and removed: what stays is in it, and nothing twice', async () => {
    const w = exportWorld();
    await collects(w);
    const all = rowNames(400);
    owns(
      w,
      all.filter((_, n) => n % 2 === 0),
    );
    let calls = 0;
    const list = w.store(ROWS).list.bind(w.store(ROWS));
    w.core.stores[ROWS]!.list = async (...args) => {
      calls += 1;
      owns(w, [all[(calls * 53) % 400] ?? '']);
      w.store(ROWS).remove([all[calls * 40] ?? '']);
      return list(...args);
    };
    const archive = await copied(w);
    expect(calls).toBeGreaterThan(3);
    const found = texts(archive);
    expect(new Set(found).size).toBe(found.length);
    const stays = all.filter((id, n) => n % 2 === 0 && w.store(ROWS).fields([id]) !== undefined);
    expect(stays.filter((id) => !found.includes(id))).toEqual([]);
    expect(archive.told.records).toBe(found.length);
  });

  test('has nothing that has become somebody else’s since an index listed it', async () => {
    const w = exportWorld();
    await collects(w);
    owns(w, rowNames(5));
    const list = w.store(ROWS).list.bind(w.store(ROWS));
    w.core.stores[ROWS]!.list = async (...args) => {
      const listed = await list(...args);
      owns(w, ['r-00002'], ROWS, 'other');
      return listed;
    };
    expect(texts(await copied(w))).toEqual(['r-00000', 'r-00001', 'r-00003', 'r-00004']);
  });

  test('of which one record cannot be read waits for it alone, and is made when it can', async () => {
    const w = exportWorld();
    await collects(w);
    const all = rowNames(120);
    owns(w, all);
    for (const id of ['r-00007', 'r-00100'])
      w.store(ROWS).fail({ call: 'read', code: 'STORE_DENIED', locator: [id] });
    const ref = await w.asks();
    await w.pass(2 * HOUR);
    expect((await w.request(ref)).export?.step).toBe('reading');
    const [part] = w.registry.allExportParts();
    expect(part).toMatchObject({ done: 0, collection: { records: 118 } });
    expect(JSON.stringify([part, w.registry.allExportPages()])).not.toContain('r-00');
    w.store(ROWS).repair();
    await w.pass(2 * HOUR);
    const archive = await w.archive(ref);
    expect(texts(archive)).toEqual(all);
    expect(archive.told.records).toBe(120);
  });

  test.each(['list', 'idsOf', 'read'] as const)(
    'waits for a store that does not answer to %s',
    async (call) => {
      const w = exportWorld();
      await collects(w);
      const all = rowNames(130);
      owns(w, all);
      w.store(ROWS).fail({ call, code: 'STORE_UNREACHABLE' });
      const ref = await w.asks();
      await w.pass(5 * HOUR);
      expect((await w.request(ref)).export?.step).toBe('reading');
      expect(w.registry.allExportParts()[0]?.collection).toMatchObject({ records: 0, pages: 0 });
      w.store(ROWS).repair();
      await w.pass(2 * HOUR);
      expect(texts(await w.archive(ref))).toEqual(all);
    },
  );

  test.each([
    ['was disposed of', { state: 'disposed' }, 'gone'],
    ['is no longer configured', { collection: 'former' }, 'broken'],
    ['has no id that can be opened', { locator: 'c3B5' }, 'broken'],
  ] as const)(
    'that %s before it was read counts as one record that was left out',
    async (_, change, reason) => {
      const w = exportWorld();
      const before = await collects(w);
      owns(w, rowNames(3));
      const archive = await copied(w, async () => {
        w.onNext('dispose', async ({ make }) => {
          await w.registry.writeHoldings([{ before, after: { ...before, version: 2, ...change } }]);
          return make();
        });
      });
      expect(archive.manifest.leftOut).toMatchObject([{ reason, records: 1 }]);
      expect(archive.records).toEqual([]);
    },
  );

  test('of several accounts and stores has each once', async () => {
    const w = exportWorld();
    await collects(w);
    await collects(w, { store: SCANS });
    await w.seed('n-1');
    owns(w, rowNames(60));
    owns(w, rowNames(60), SCANS);
    const archive = await copied(w);
    expect(archive.told).toMatchObject({ records: 121, leftOut: 0 });
    expect(pagesIn(archive)).toEqual(rowNames(60));
    expect(texts(archive)).toEqual(['n-1', ...rowNames(60)]);
  });
});

describe('a lane that reads a collection', () => {
  /** It is listed, and no lane has read anything. */
  async function listed(options: Parameters<typeof exportWorld>[0] = {}, rows = 230, exports = 1) {
    const w = exportWorld(options);
    await collects(w);
    owns(w, rowNames(rows));
    const ref = await w.asks();
    // Each export has an id of its own.
    for (let other = 1; other < exports; other += 1) w.core.tokens.next();
    await advanceExport(w.core, { kind: 'export', request: ref }, () => true);
    const [lane] = Object.entries(w.core.stores).filter(([name]) => name === ROWS);
    const core = { ...w.core, lane: ROWS, store: lane?.[1] ?? w.store(ROWS) };
    const read = (goOn?: () => boolean) =>
      readPart(core, { kind: 'export', lane: ROWS, request: ref, part: 1 }, goOn);
    const part = () => w.registry.allExportParts()[0];
    return { w, ref, read, part };
  }

  test.each([2, 3, 4, 7])('and has time for %i steps saves what it has, and goes on there', async (steps) => {
    const { w, ref, read, part } = await listed({}, 130);
    await read(() => false);
    expect(w.store(ROWS).calls).toMatchObject({ list: 0, read: 0 });
    let runs = 0;
    for (; part()?.done === 0; runs += 1) {
      let asked = 0;
      const before = part()?.collection;
      await read(() => (asked += 1) <= steps);
      expect(part()?.collection).not.toEqual(before);
    }
    expect(runs).toBeGreaterThan(2);
    // Whatever is saved when, nothing is read twice.
    expect(w.store(ROWS).calls.read).toBeLessThanOrEqual(26);
    await w.pass(2 * HOUR);
    const archive = await w.archive(ref);
    expect(texts(archive)).toEqual(rowNames(130));
  });

  test('of a slow store saves every half minute, in the middle of a list', async () => {
    const { w, ref } = await listed({
      answered: (name) => {
        if (name === 'store.read') w.clock.advance(20_000);
      },
    });
    await w.pass(3 * HOUR);
    expect(texts(await w.archive(ref))).toEqual(rowNames(230));
    const pages = w.registry.allExportPages();
    expect(Math.max(...pages.map(({ files }) => files.reduce((sum, { records }) => sum + records, 0)))).toBe(
      20,
    );
  });

  test('takes few requests, and one page for a thousand records', async () => {
    const asked: Record<string, number> = {};
    const { w, ref } = await listed(
      {
        asked: (name) => {
          asked[name] = (asked[name] ?? 0) + 1;
        },
      },
      10_000,
    );
    await w.pass(2 * HOUR);
    expect((await w.archive(ref)).told.records).toBe(10_000);
    expect(w.registry.allExportPages()).toHaveLength(10);
    const { list, idsOf, read } = w.store(ROWS).calls;
    expect({ list, idsOf, read }).toEqual({ list: 200, idsOf: 200, read: 1000 });
    expect(asked['registry.putExportPage']).toBe(10);
    expect(asked['registry.putExportPart']).toBe(1 + 10);
    // One for each listing, one for the collection of each page, and one where it was listed.
    expect(asked['registry.readHoldings']).toBeLessThan(200 + 10 + 10);
    // Nothing is registered on its own.
    expect(asked['registry.exportParts']).toBeLessThan(10);
  });

  test('reads which records are listed once, however many of them are registered on their own', async () => {
    let asked = 0;
    const w = exportWorld({
      asked: (name) => {
        if (name === 'registry.exportParts') asked += 1;
      },
    });
    await collects(w);
    const all = rowNames(450);
    for (const id of all) await w.seed(id, { fields: { owner: 'me', text: `text of ${id}` } });
    const ref = await w.asks();
    await w.pass(2 * HOUR);
    const archive = await w.archive(ref);
    expect(archive.told).toMatchObject({ records: 450, leftOut: 0 });
    expect(texts(archive)).toEqual(all);
    expect(asked).toBeLessThan(10);
  });

  test.each(['first', 'middle', 'last'] as const)(
    'a %s page that is lost does not make an archive without its records',
    async (which) => {
      const { w, ref, read } = await listed({}, 130);
      for (let run = 0; run < 5; run += 1) {
        let asked = 0;
        await read(() => (asked += 1) <= 3);
      }
      const all = w.registry.allExportPages();
      const lost = all.at({ first: 0, middle: 2, last: -1 }[which]);
      const exportPages = w.core.registry.exportPages.bind(w.core.registry);
      w.core.registry.exportPages = async (of, after) => {
        const { items, ...page } = await exportPages(of, after);
        return { ...page, items: items.filter(({ name }) => name !== lost?.name) };
      };
      await w.pass(3 * HOUR);
      expect(w.lines).toContainEqual({ code: 'export.unread', fields: { code: 'PARTS_GONE' } });
      expect(texts(await w.archive(ref))).toEqual(rowNames(130));
    },
  );

  test('and names an object of another copy in a page has it not built in', async () => {
    const { w, ref, read } = await listed({}, 20);
    await read();
    const { export: state } = await w.request(ref);
    const exportPages = w.core.registry.exportPages.bind(w.core.registry);
    w.core.registry.exportPages = async (of, after) => {
      const page = await exportPages(of, after);
      if (of.exportId !== state?.id) return page;
      const files = page.items.flatMap((one) =>
        one.files.map((file) => ({ ...file, key: file.key.replace(of.exportId, 'x'.repeat(22)) })),
      );
      return { ...page, items: page.items.map((one) => ({ ...one, files })) };
    };
    await w.pass(3 * HOUR);
    expect(w.lines).toContainEqual({ code: 'export.unread', fields: { code: 'PIECE_ELSEWHERE' } });
    expect(texts(await w.archive(ref))).toEqual(rowNames(20));
  });

  test('takes no place for its own that was sealed for another export or part', async () => {
    const one = await listed({}, 130);
    let asked = 0;
    await one.read(() => (asked += 1) <= 3);
    const place = one.part()?.collection?.place;
    expect(place).toBeDefined();
    const { w, ref, part } = await listed({}, 130, 2);
    const before = part();
    if (before?.collection === undefined || place === undefined) throw new Error('nothing was listed');
    await w.registry.putExportPart({ ...before, version: 2, collection: { ...before.collection, place } });
    await w.pass(3 * HOUR);
    expect((await w.archive(ref)).manifest.leftOut).toMatchObject([{ reason: 'broken', records: 1 }]);
  });
});
