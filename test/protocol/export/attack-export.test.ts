import { describe, expect, test } from 'vitest';
import type { RequestRef } from '../../../shared/domain/record/ids.ts';
import { advanceExport } from '../../../shared/protocol/export/advance-export.ts';
import {
  account,
  type ExportWorld,
  exportWorld,
  person,
  ROWS,
  SCANS,
  START,
} from '../../support/export/export-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const RIVAL = { role: 'producer', producer: 'rival' } as const;

const texts = async (w: ExportWorld, ref: RequestRef) =>
  (await w.archive(ref)).records.map(({ data }) => String(data?.['text'])).toSorted();
const leftOut = async (w: ExportWorld, ref: RequestRef) => (await w.archive(ref)).manifest.leftOut;

describe('a copy that a producer asks for', () => {
  test('has nothing of a record that another application registered, too, whomever it is about', async () => {
    for (const about of [[person('other')], [person('me')], [account('x')]]) {
      const w = exportWorld();
      const one = await w.seed('n-1', { variant: { producer: 'rival' } });
      const [variant] = one.variants;
      if (variant === undefined) throw new Error('it was registered');
      await w.registry.writeHoldings([
        {
          before: one,
          after: {
            ...one,
            version: 2,
            variants: [variant, { ...variant, producer: 'portal', entities: about }],
          },
        },
      ]);
      const ref = await w.asks({ filer: RIVAL });
      await w.pass(2 * MINUTE);
      expect(await texts(w, ref)).toEqual([]);
      expect(await leftOut(w, ref)).toEqual([
        { store: ROWS, categories: ['notes'], reason: 'other-applications', records: 1 },
      ]);
      expect(w.store(ROWS).calls.read).toBe(0);
    }
  });

  test('does not say that there is a damaged record in a store that it cannot use', async () => {
    const w = exportWorld({
      change: (same) => ({
        ...same,
        producers: {
          ...same.producers,
          rival: { ...same.producers['portal']!, stores: { [ROWS]: { prefixes: ['r-'], shared: false } } },
        },
      }),
    });
    await w.seed('n-1', { variant: { producer: 'rival' } });
    for (const store of [ROWS, SCANS]) {
      const { ref } = await w.seed('damaged', { store });
      w.registry.damage(ref);
    }
    const ref = await w.asks({ filer: RIVAL });
    await w.pass(2 * MINUTE);
    expect(await leftOut(w, ref)).toEqual([{ store: ROWS, categories: [], reason: 'broken', records: 1 }]);
  });
});

describe('a copy for an account', () => {
  test('has nothing of the other persons whom records of the account name one by one', async () => {
    const w = exportWorld();
    await w.seed('profile', { about: [account('a'), person('me')] });
    await w.seed('booking', { about: [account('a'), person('guest')] });
    await w.seed('plain', { about: [account('a')] });
    const ref = await w.asks({ entity: account('a').ref, entityType: 'account' });
    await w.pass(2 * MINUTE);
    expect(await texts(w, ref)).toEqual(['text of plain']);
    expect(await leftOut(w, ref)).toEqual([
      { store: ROWS, categories: ['notes'], reason: 'about-others', records: 2 },
    ]);
  });

  test('has the records of the one person whom they name', async () => {
    const w = exportWorld();
    await w.seed('profile', { about: [account('a'), person('me')] });
    await w.seed('plain', { about: [account('a')] });
    const ref = await w.asks({ entity: account('a').ref, entityType: 'account' });
    await w.pass(2 * MINUTE);
    expect(await texts(w, ref)).toEqual(['text of plain', 'text of profile']);
  });
});

describe('while a copy is made', () => {
  test('an account that turns out to be somebody else’s, too, is not in it', async () => {
    const w = exportWorld();
    await w.seed('me', { about: [person('me'), account('a')] });
    await w.seed('account', { about: [account('a')] });
    w.store(ROWS).fail({ call: 'read', code: 'STORE_UNREACHABLE' });
    const ref = await w.asks();
    await w.pass(2 * MINUTE);
    await w.seed('theirs', { about: [person('other'), account('a')] });
    w.store(ROWS).repair();
    await w.pass(2 * HOUR);
    expect(await texts(w, ref)).toEqual([]);
  });

  test('an account that is the person’s no longer is not in it, and one that stays is', async () => {
    for (const isWithdrawn of [true, false]) {
      const w = exportWorld();
      const link = await w.seed('link', { about: [person('me'), account('a')] });
      await w.seed('account', { about: [account('a')] });
      w.store(ROWS).fail({ call: 'read', code: 'STORE_UNREACHABLE' });
      const ref = await w.asks();
      await w.pass(2 * MINUTE);
      const { export: begun } = await w.request(ref);
      const after = { ...link, version: 2, state: 'withdrawn' as const, variants: [] };
      if (isWithdrawn) await w.registry.writeHoldings([{ before: link, after }]);
      w.store(ROWS).repair();
      await w.pass(2 * HOUR);
      expect(await texts(w, ref)).toEqual(isWithdrawn ? [] : ['text of account', 'text of link']);
      expect((await w.request(ref)).export?.id === begun?.id).toBe(!isWithdrawn);
    }
  });

  test('a request that is cancelled while the archive is built is not told to be closed', async () => {
    const w = exportWorld();
    await w.seed('n-1');
    const ref = await w.asks();
    w.onNext('sweep', ({ make }) => make());
    w.onNext('sweep', async ({ name, make }) => {
      if (name === 'exports.complete') await w.cancels(ref);
      return make();
    });
    await w.pass(2 * HOUR);
    expect((await w.request(ref)).state).toBe('cancelled');
    expect(JSON.stringify(w.registry.allResults())).not.toContain('closed');
    expect(w.deployment.told).toEqual([]);
  });

  test('a part that is lost does not make an archive without its records', async () => {
    for (const lost of [1, 2, 3]) {
      const w = exportWorld();
      for (let n = 0; n < 201; n += 1) await w.seed(`n-${n}`);
      const ref = await w.asks();
      w.store(ROWS).fail({ call: 'read', code: 'STORE_UNREACHABLE' });
      await advanceExport(w.core, { kind: 'export', request: ref }, () => true);
      const { export: state } = await w.request(ref);
      const exportParts = w.core.registry.exportParts.bind(w.core.registry);
      w.core.registry.exportParts = async (of, after) => {
        const { items, ...page } = await exportParts(of, after);
        const isLost = (number: number): boolean => of.exportId === state?.id && number === lost;
        return { ...page, items: items.filter(({ number }) => !isLost(number)) };
      };
      w.store(ROWS).repair();
      await w.pass(3 * HOUR);
      expect(await texts(w, ref)).toHaveLength(201);
    }
  });

  test('a lane that names an object of another copy has it not built in', async () => {
    const w = exportWorld();
    await w.seed('n-1');
    await w.seed('n-2', { about: [person('you')] });
    const yours = await w.asks({ ref: 'request-of-the-test-02' as RequestRef, entity: person('you').ref });
    await w.pass(2 * MINUTE);
    const stolen = w.exports.allObjects().find(({ key }) => key.startsWith(`pieces/${ROWS}/`))?.key;
    if (stolen === undefined) throw new Error('nothing was read');
    expect((await w.archive(yours)).told.records).toBe(1);
    const ref = await w.asks();
    w.store(ROWS).fail({ call: 'read', code: 'STORE_UNREACHABLE' });
    await advanceExport(w.core, { kind: 'export', request: ref }, () => true);
    const { export: state } = await w.request(ref);
    const exportParts = w.core.registry.exportParts.bind(w.core.registry);
    w.core.registry.exportParts = async (of, after) => {
      const page = await exportParts(of, after);
      if (of.exportId !== state?.id) return page;
      const files = [{ path: `data/${ROWS}/0001-001.json`, key: stolen, bytes: 2, sha256: '', records: 1 }];
      return { ...page, items: page.items.map((part) => ({ ...part, done: part.refs.length, files })) };
    };
    w.store(ROWS).repair();
    await w.pass(3 * HOUR);
    expect(w.lines).toContainEqual({ code: 'export.unread', fields: { code: 'PIECE_ELSEWHERE' } });
    expect(await texts(w, ref)).toEqual(['text of n-1']);
  });
});

describe('a record that names several of the entities', () => {
  /** It is listed under the person, and again under the account. */
  async function named(w: ExportWorld) {
    const one = await w.seed('both', { about: [person('me'), account('a')] });
    for (let n = 0; n < 5; n += 1) await w.seed(`n-${n}`, { about: [person('me')] });
    const [variant] = one.variants;
    if (variant === undefined) throw new Error('it was registered');
    const rival = { ...variant, producer: 'rival', content: 'of rival', entities: [account('a')] };
    const two = { ...one, version: 2, variants: [variant, rival] };
    await w.registry.writeHoldings([{ before: one, after: two }]);
    return { two, withdrawn: { ...two, version: 3, variants: [rival] } };
  }

  test.each([true, false])(
    'is there once, also if one registration is withdrawn meanwhile (handed over: %s)',
    async (isHanded) => {
      const w = exportWorld({ pageSize: 2 });
      await w.seed('link', { about: [person('me'), account('a')] });
      const { two, withdrawn } = await named(w);
      const ref = await w.asks();
      const pointers = w.core.registry.pointers.bind(w.core.registry);
      let isWithdrawn = false;
      w.core.registry.pointers = async (entity, after) => {
        const isListing = (await w.request(ref)).export?.step === 'listing';
        if (isListing && !isWithdrawn && entity === account('a').ref) {
          isWithdrawn = true;
          await w.registry.writeHoldings([{ before: two, after: withdrawn }]);
        }
        return pointers(entity, after);
      };
      for (let runs = 0; isHanded && runs < 20; runs += 1) {
        let asked = 0;
        await advanceExport(w.core, { kind: 'export', request: ref }, () => (asked += 1) <= 2);
      }
      await w.pass(3 * MINUTE);
      expect(isWithdrawn).toBe(true);
      expect(await texts(w, ref)).toEqual(
        ['both', 'link', 'n-0', 'n-1', 'n-2', 'n-3', 'n-4'].map((id) => `text of ${id}`),
      );
    },
  );

  test('is counted once if it is damaged', async () => {
    const w = exportWorld();
    const { two } = await named(w);
    await w.seed('link', { about: [person('me'), account('a')] });
    w.registry.damage(two.ref);
    const ref = await w.asks();
    await w.pass(3 * MINUTE);
    expect(await leftOut(w, ref)).toEqual([{ store: ROWS, categories: [], reason: 'broken', records: 1 }]);
  });
});

describe('a record that is never read', () => {
  test.each([ROWS, SCANS])(
    'holds back no other one, and no archive is made without it: %s',
    async (store) => {
      const w = exportWorld();
      for (let n = 0; n < 1000; n += 1) await w.seed(`n-${n}`, { store });
      const [first, ninth] = [3, 850];
      for (const n of [first, ninth])
        w.store(store).fail({ call: 'read', code: 'STORE_CONSTRAINT', locator: [`n-${n}`] });
      const ref = await w.asks({ deadline: START + 2 * HOUR });
      await w.pass(10 * MINUTE);
      const done = (): number => w.registry.allExportParts().reduce((sum, part) => sum + part.done, 0);
      expect(done()).toBe(998);
      await w.pass(3 * HOUR);
      expect(await w.request(ref)).toMatchObject({ state: 'running', export: { step: 'reading' } });
      expect(w.lines.map(({ fields }) => fields.code)).toContain('request-late');
      w.store(store).repair();
      await w.pass(HOUR);
      expect((await w.archive(ref)).told).toMatchObject({ records: 1000, leftOut: 0 });
    },
  );

  test('leaves every file as it was told, also if only the answers of the store were lost', async () => {
    const w = exportWorld();
    for (let n = 0; n < 60; n += 1) await w.seed(`n-${n}`, { store: SCANS });
    for (const n of [0, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 25, 59])
      w.store(SCANS).fail({ call: 'read', code: 'STORE_TIMEOUT', locator: [`n-${n}`], acts: true, times: 2 });
    const ref = await w.asks();
    await w.pass(3 * HOUR);
    const { files, manifest, told } = await w.archive(ref);
    expect(told).toMatchObject({ records: 60, leftOut: 0 });
    expect(manifest.files.filter(({ path }) => path.startsWith('files/'))).toHaveLength(60);
    const found = [...files.values()].join('');
    for (let n = 0; n < 60; n += 1) expect(found.split(`"text of n-${n}"`)).toHaveLength(2);
  });
});
