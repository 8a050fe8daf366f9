import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LEFT_OUT_REASONS } from '../../../shared/domain/export/archive-file.ts';
import type { ExportState } from '../../../shared/domain/export/export-state.ts';
import type { PersonRequest } from '../../../shared/domain/people/request.ts';
import type { RequestRef } from '../../../shared/domain/record/ids.ts';
import { pages as eachPage } from '../../../shared/domain/each.ts';
import { EXPORT_PARTS_A_PAGE, type ExportPartPage } from '../../../shared/ports/requests.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { anExportPage, anExportPart, anExportState, aRequest } from '../../support/people-requests.ts';
import { at } from '../../support/samples.ts';
import { registryKinds } from './registry-kinds.ts';

const named = (name: string, change: Partial<PersonRequest> = {}): PersonRequest =>
  aRequest({ ref: `request-${name.padStart(14, '0')}` as RequestRef, ...change });

describe.each(registryKinds)('requests of people in $name', (kind) => {
  let registry: Registry;
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  beforeEach(async () => {
    registry = await kind.fresh();
  });

  test('are read as they were written, with every field or with few', async () => {
    const few: PersonRequest = {
      ...named('1'),
      scope: { producers: ['shop'] },
      timeline: [{ did: 'filed', at: 0 }],
    };
    const all = named('2', {
      kind: 'restrict',
      filer: { role: 'producer', producer: 'shop' },
      scope: { categories: ['a', 'b'] },
      state: 'closed',
      jurisdiction: 'DE',
      alsoLater: true,
      forbidsDeletion: true,
      checkedTo: 'page',
      export: anExportState(),
      keptUntil: at('2029-03-01T10:00:00Z'),
      timeline: [
        { did: 'filed', at: 1 },
        { did: 'released', at: 2 },
      ],
    });
    for (const request of [few, all]) expect(await registry.putRequest(request)).toBe('written');
    const found = await registry.requests([few.ref, all.ref, named('3').ref]);
    expect(found).toEqual(
      new Map([
        [few.ref, few],
        [all.ref, all],
      ]),
    );
  });

  test('are written on their version only', async () => {
    const request = named('1');
    expect(await registry.putRequest(request)).toBe('written');
    expect(await registry.putRequest({ ...request, state: 'cancelled' })).toBe('moved');
    expect(await registry.putRequest({ ...request, version: 3 })).toBe('moved');
    expect(await registry.putRequest({ ...request, version: 2, state: 'running' })).toBe('written');
    expect((await registry.requests([request.ref])).get(request.ref)?.state).toBe('running');
    expect(await registry.putRequest({ ...named('2'), version: 2 })).toBe('moved');
  });

  test('are listed in pages, and leave the list unless they were listed again', async () => {
    const refs = Array.from({ length: 150 }, (_, n) => named(String(n)).ref).toSorted();
    for (const ref of refs) await registry.listRequest({ ref, at: 1 });
    const first = await registry.listedRequests();
    expect(first.items).toHaveLength(100);
    const second = await registry.listedRequests(first.next);
    expect([...first.items, ...second.items]).toEqual(refs.map((ref) => ({ ref, at: 1 })));
    expect(second.next).toBeUndefined();
    const [one, two] = refs as [RequestRef, RequestRef];
    await registry.listRequest({ ref: one, at: 2 });
    await registry.unlistRequest({ ref: one, at: 1 });
    await registry.unlistRequest({ ref: two, at: 1 });
    await registry.unlistRequest({ ref: two, at: 1 });
    const left = (await registry.listedRequests()).items;
    expect(left.find(({ ref }) => ref === one)).toEqual({ ref: one, at: 2 });
    expect(left.some(({ ref }) => ref === two)).toBe(false);
  });

  test.each<[string, Partial<ExportState>]>([
    [
      'listing',
      { step: 'listing', place: '1 page', listedAt: at('2026-02-01T09:00:00Z'), parts: { crm: 2 } },
    ],
    ['reading', { step: 'reading', read: { crm: 1 }, askedAt: { crm: at('2026-02-01T10:00:00Z') } }],
    ['building', { step: 'building', upload: { id: 'upload', plan: 'cd'.repeat(32) } }],
  ])('keep how far an export is: %s', async (_, change) => {
    const { archive: _archive, ...begun } = anExportState();
    const request = named('3', { kind: 'export', export: { ...begun, ...change } });
    await registry.putRequest(request);
    expect((await registry.requests([request.ref])).get(request.ref)).toEqual(request);
  });
});

describe.each(registryKinds)('parts of exports in $name', (kind) => {
  let registry: Registry;
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  beforeEach(async () => {
    registry = await kind.fresh();
  });

  test('are read as they were written, with every field or with few', async () => {
    const few = anExportPart({ number: 1 });
    const all = anExportPart({
      number: 2,
      done: 2,
      files: [
        { path: 'data/crm/0002-001.json', key: 'k-1', bytes: 12, sha256: '0a'.repeat(32), records: 2 },
        { path: 'files/crm/0002-002.pdf', key: 'k-2', bytes: 5e9, sha256: 'ff'.repeat(32), records: 0 },
      ],
      leftOut: LEFT_OUT_REASONS.map((reason) => ({ categories: ['a', 'b'], reason, records: 3 })),
    });
    const begun = anExportPart({ number: 4, collection: { pages: 0, records: 0, dataFiles: 0 } });
    const collection = { pages: 3, last: 'run-3', records: 2900, dataFiles: 5, place: 'c2VhbGVk' };
    for (const part of [few, all, begun, anExportPart({ number: 5, collection })]) {
      expect(await registry.putExportPart(part)).toBe('written');
      expect(await registry.exportPart(part)).toEqual(part);
    }
    expect(await registry.exportPart({ ...few, number: 3 })).toBeUndefined();
    expect(await registry.exportPart({ ...few, store: 'other' })).toBeUndefined();
  });

  test('are written on their version only', async () => {
    const part = anExportPart();
    expect(await registry.putExportPart({ ...part, version: 2 })).toBe('moved');
    expect(await registry.putExportPart(part)).toBe('written');
    expect(await registry.putExportPart({ ...part, done: 1 })).toBe('moved');
    expect(await registry.putExportPart({ ...part, version: 2, done: 2 })).toBe('written');
    expect((await registry.exportPart(part))?.done).toBe(2);
  });

  test('are listed in order of their numbers, by store and export, from any number on', async () => {
    const numbers = Array.from({ length: 45 }, (_, n) => n + 1);
    for (const number of numbers.toReversed()) await registry.putExportPart(anExportPart({ number }));
    await registry.putExportPart(anExportPart({ store: 'crm-2', number: 46 }));
    await registry.putExportPart(anExportPart({ exportId: 'another-export', number: 46 }));
    const listed = [];
    let after: number | undefined = 0;
    while (after !== undefined) {
      const page: ExportPartPage = await registry.exportParts(anExportPart(), after);
      expect(page.items.length).toBeLessThanOrEqual(EXPORT_PARTS_A_PAGE);
      listed.push(...page.items.map(({ number }) => number));
      after = page.next;
    }
    expect(listed).toEqual(numbers);
    const [first] = (await registry.exportParts(anExportPart(), 43)).items;
    expect(first?.number).toBe(44);
    expect((await registry.exportParts(anExportPart(), 45)).items).toEqual([]);
  });

  test('have pages of their own, which replace no other one and are not parts', async () => {
    const files = [
      { path: 'files/crm/0001-001.pdf', key: 'k-2', bytes: 5e9, sha256: 'ff'.repeat(32), records: 1 },
    ];
    const leftOut = [{ categories: ['a'], reason: 'gone', records: 3 }] as const;
    const full = anExportPage({ page: 2, name: 'run-2', before: 'run-1', files, leftOut });
    const pages = [anExportPage(), anExportPage({ page: 2, name: 'run-1b' }), full];
    for (const page of pages.toReversed()) await registry.putExportPage(page);
    for (const other of [{ number: 2 }, { store: 'crm-2' }, { exportId: 'another-export' }])
      await registry.putExportPage(anExportPage({ ...other, name: 'other' }));
    expect(await registry.exportPages(anExportPart())).toEqual({
      items: pages.toSorted((a, b) => a.page - b.page || (a.name < b.name ? -1 : 1)),
    });
    expect(await registry.exportPages(anExportPart({ number: 3 }))).toEqual({ items: [] });
    expect((await registry.exportParts(anExportPart())).items).toEqual([]);
  });

  test('are listed with all of their pages', async () => {
    const names = Array.from({ length: EXPORT_PARTS_A_PAGE * 2 + 5 }, (_, n) => n + 1);
    for (const page of names.toReversed())
      await registry.putExportPage(anExportPage({ page, name: `run-${page}` }));
    const found: number[] = [];
    for await (const { items } of eachPage((after) => registry.exportPages(anExportPart(), after)))
      found.push(...items.map(({ page }) => page));
    expect(found).toEqual(names);
  });
});
