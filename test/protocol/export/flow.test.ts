import { describe, expect, test } from 'vitest';
import { layoutOf } from '../../../shared/domain/export/layout.ts';
import { account, exportWorld, person, ROWS, SCANS, START } from '../../support/export/export-world.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const texts = (archive: {
  readonly records: readonly { readonly data?: Readonly<Record<string, unknown>> }[];
}) => archive.records.map(({ data }) => String(data?.['text'])).toSorted();

describe('an export', () => {
  test('has all records of the person, from every store, and closes its request', async () => {
    const w = exportWorld();
    await w.seed('n-1');
    await w.seed('n-2', { about: [account('mine')] });
    await w.seed('s-1', { store: SCANS, about: [person('me'), account('mine')], fields: { page: 'one' } });
    await w.seed('x-1', { about: [person('other')] });
    const ref = await w.asks();
    await w.pass(2 * MINUTE);

    const archive = await w.archive(ref);
    const { told } = archive;
    expect(told).toMatchObject({ records: 3, leftOut: 0, until: told.at + 7 * DAY });
    expect([...archive.files.keys()]).toEqual([
      'manifest.json',
      `data/${ROWS}/0001-001.json`,
      `data/${SCANS}/0001-001.json`,
      `files/${SCANS}/0001-001.json`,
    ]);
    expect(archive.records).toEqual([
      { categories: ['notes'], purposes: ['service'], data: { text: 'text of n-1' } },
      { categories: ['notes'], purposes: ['service'], data: { text: 'text of n-2' } },
      {
        categories: ['notes'],
        purposes: ['service'],
        file: `files/${SCANS}/0001-001.json`,
        mediaType: 'application/json',
      },
    ]);
    expect(archive.files.get(`files/${SCANS}/0001-001.json`)?.toString()).toBe('{"page":"one"}');
    expect(archive.manifest).toMatchObject({ request: ref, entityType: 'person', leftOut: [] });
    expect(Date.parse(archive.manifest.asOf)).toBe(START);
    expect(await w.request(ref)).toMatchObject({
      state: 'closed',
      timeline: [{ did: 'filed' }, { did: 'closed', at: told.at }],
      export: { step: 'ready', reached: [], parts: {} },
    });
    expect(w.errors).toEqual([]);
  });

  test('counts a record that is a file at its file, so that one without room in the archive is left out', async () => {
    const w = exportWorld();
    await w.seed('n-1');
    for (const id of ['s-1', 's-2', 's-3']) await w.seed(id, { store: SCANS });
    const ref = await w.asks();
    await w.pass(2 * MINUTE);
    const { told, manifest } = await w.archive(ref);
    expect(manifest.files.map(({ records }) => records)).toEqual([1, 0, 1, 1, 1]);
    expect(told.records).toBe(4);
    const files = w.registry
      .allExportParts()
      .flatMap((part) => part.files.map((file) => ({ ...file, store: part.store })));
    const contents = { request: ref, entityType: 'person', asOf: START, files, leftOut: [] };
    expect(layoutOf(contents, { bytes: 1_000_000, files: 4 })).toMatchObject({ records: 3, leftOut: 1 });
    expect(layoutOf(contents, { bytes: 1_000_000, files: 2 })).toMatchObject({ records: 1, leftOut: 3 });
  });

  test('asks for twenty of its parts at a time, in each run that watches or builds', async () => {
    let asked = 0;
    const w = exportWorld({
      asked(name) {
        if (name === 'registry.exportParts') asked += 1;
      },
    });
    for (let n = 0; n < 2050; n += 1) await w.seed(`n-${n}`);
    const ref = await w.asks();
    await w.pass(2 * MINUTE);
    expect(w.registry.allExportParts()).toHaveLength(21);
    expect((await w.archive(ref)).told.records).toBe(2050);
    // Once before anything is read. Then all: to see that they are, to begin the upload, and to fill it.
    expect(asked).toBe(1 + 3 * 2);
  });

  test('is in the deletion log and told to applications, with how many records it has', async () => {
    const w = exportWorld();
    await w.seed('n-1');
    const ref = await w.asks();
    await w.pass(2 * MINUTE);
    const actions = w.registry
      .allResults()
      .flatMap((result) => ('void' in result ? [] : (result.actions ?? [])));
    expect(actions).toMatchObject([
      { did: 'request', request: { kind: 'export', step: 'closed', records: 1, leftOut: 0 } },
    ]);
    await w.pass(60 * MINUTE);
    expect(w.deployment.told.map((text) => (JSON.parse(text) as { data: unknown }).data)).toMatchObject([
      { request: ref, kind: 'export', state: 'closed' },
    ]);
  });

  test('of a person about whom nothing is known is an archive with a manifest only', async () => {
    const w = exportWorld();
    const ref = await w.asks();
    await w.pass(MINUTE);
    const archive = await w.archive(ref);
    expect([archive.records.length, [...archive.files.keys()]]).toEqual([0, ['manifest.json']]);
  });

  test('lists a record once that names several of the entities that it reaches, on whatever page it is', async () => {
    const w = exportWorld({ pageSize: 2 });
    const about = [person('me'), account('a'), account('b')];
    for (let n = 0; n < 9; n += 1) await w.seed(`n-${n}`, { about: about.slice(0, (n % 3) + 1) });
    for (let n = 0; n < 5; n += 1) await w.seed(`a-${n}`, { about: [account('a'), account('b')] });
    const ref = await w.asks();
    await w.pass(2 * MINUTE);
    expect(texts(await w.archive(ref))).toEqual(
      [
        ...Array.from({ length: 9 }, (_, n) => `text of n-${n}`),
        ...[0, 1, 2, 3, 4].map((n) => `text of a-${n}`),
      ].toSorted(),
    );
  });

  test('has only what its scope covers, and of a producer only what it registered itself', async () => {
    const w = exportWorld();
    await w.seed('n-1');
    await w.seed('n-2', { variant: { categories: ['letters'] } });
    await w.seed('n-3', { variant: { producer: 'rival' } });
    const letters = await w.asks({ scope: { categories: ['letters'] } });
    await w.pass(2 * MINUTE);
    expect(texts(await w.archive(letters))).toEqual(['text of n-2']);
    const own = await w.asks({
      ref: 'request-of-the-test-02' as typeof letters,
      filer: { role: 'producer', producer: 'rival' },
    });
    await w.pass(2 * MINUTE);
    expect(texts(await w.archive(own))).toEqual(['text of n-3']);
  });

  test('says what it leaves out, and why', async () => {
    const w = exportWorld();
    await w.seed('n-1');
    await w.seed('gone');
    w.store(ROWS).remove(['gone']);
    await w.seed('large', { fields: { text: 'x'.repeat(5 * 1024 * 1024) } });
    await w.seed('shared', { about: [person('me'), person('other')] });
    await w.seed('broken', { holding: { locator: 'AAAA' } });
    await w.seed('letter', {
      about: [person('me', 'sender'), person('other', 'recipient')],
      variant: { categories: ['letters'] },
      fields: { text: 'to you', to: 'other@example.org' },
    });
    await w.seed('odd-letter', {
      about: [person('me', 'sender'), person('other', 'recipient')],
      variant: { categories: ['letters'] },
      fields: { text: 'to you', addressee: 'other@example.org' },
    });
    await w.seed('scan', {
      store: SCANS,
      about: [person('me', 'sender'), person('other', 'recipient')],
      variant: { categories: ['letters'] },
      fields: { to: 'other@example.org' },
    });
    const ref = await w.asks();
    await w.pass(2 * MINUTE);
    const archive = await w.archive(ref);
    expect(
      archive.records
        .map(({ data }) => data)
        .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    ).toEqual([{ text: 'text of n-1' }, { text: 'to you' }]);
    const left = (store: string, category: string, reason: string) => ({
      store,
      categories: [category],
      reason,
      records: 1,
    });
    expect(archive.manifest.leftOut).toEqual(
      expect.arrayContaining([
        left(ROWS, 'letters', 'about-others'),
        left(ROWS, 'notes', 'about-others'),
        left(ROWS, 'notes', 'broken'),
        left(ROWS, 'notes', 'gone'),
        left(ROWS, 'notes', 'too-large'),
        left(SCANS, 'letters', 'about-others'),
      ]),
    );
    expect(archive.manifest.leftOut).toHaveLength(6);
    expect(archive.told.leftOut).toBe(6);
    expect([...archive.files.values()].some((bytes) => bytes.includes('other@example.org'))).toBe(false);
  });

  test('leaves out what a policy does not allow in this region', async () => {
    const w = exportWorld({
      change: (same) => ({ ...same, requests: { ...same.requests, notExported: ['test-policy'] } }),
    });
    await w.seed('n-1');
    const ref = await w.asks();
    await w.pass(2 * MINUTE);
    const archive = await w.archive(ref);
    expect(archive.manifest.leftOut).toEqual([
      { store: ROWS, categories: ['notes'], reason: 'region', records: 1 },
    ]);
    expect(w.store(ROWS)).toMatchObject({ calls: { read: 0 } });
  });

  test('of a store that is not configured any more leaves its records out, and waits for no lane', async () => {
    const w = exportWorld();
    await w.seed('n-1');
    await w.seed('old', { holding: { store: 'former' } });
    const ref = await w.asks();
    await w.pass(2 * MINUTE);
    expect((await w.archive(ref)).manifest.leftOut).toEqual([
      { store: 'former', categories: [], reason: 'broken', records: 1 },
    ]);
  });

  test('does not begin before it is known who asks', async () => {
    const w = exportWorld();
    await w.seed('n-1');
    const ref = await w.asks({ state: 'awaiting-identity' });
    await w.pass(3 * 60 * MINUTE);
    expect(await w.request(ref)).not.toHaveProperty('export');
  });

  test('is begun by the hourly sweep if the message about it got lost', async () => {
    const w = exportWorld();
    await w.seed('n-1');
    const ref = await w.asks({ state: 'received' });
    for (const message of w.deployment.queue('sweep').messages()) w.deployment.queue('sweep').delete(message);
    await w.pass(59 * MINUTE);
    expect(await w.request(ref)).not.toHaveProperty('export');
    await w.pass(5 * MINUTE);
    expect(texts(await w.archive(ref))).toEqual(['text of n-1']);
  });

  test('lets go of the name of the person when it is ready, and keeps the record of the request', async () => {
    const w = exportWorld();
    const ref = await w.asks();
    await w.pass(70 * MINUTE);
    expect(w.registry.allListedRequests()).toEqual([]);
    const { keptUntil, export: state } = await w.request(ref);
    expect(keptUntil).toBeGreaterThan(START);
    expect(state?.archive).toMatchObject({ records: 0 });
  });
});
