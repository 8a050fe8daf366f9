import { pages } from '../../domain/each.ts';
import { type ExportPage, type ExportPart, pagesOf } from '../../domain/export/export-part.ts';
import type { ExportState } from '../../domain/export/export-state.ts';
import type { ExportPartPage } from '../../ports/requests.ts';
import type { ExportCore } from './export-core.ts';

/**
 * The parts of a store in order, after the one with this number. Nothing in place of one that is not there any more: the
 * registry keeps parts for a month only.
 */
export async function* partsFrom(
  { registry }: Pick<ExportCore, 'registry'>,
  { id, parts }: ExportState,
  store: string,
  after = 0,
): AsyncGenerator<ExportPart | undefined, void> {
  const last = parts[store] ?? 0;
  let [number, from]: [number, number | undefined] = [after, after];
  while (from !== undefined && from < last) {
    const page: ExportPartPage = await registry.exportParts({ store, exportId: id }, from);
    for (const part of page.items) {
      number += 1;
      if (part.number !== number) return yield undefined;
      yield part;
    }
    from = page.next;
  }
  if (number < last) yield undefined;
}

/** What was read of a part that is a collection; nothing if a page is not there any more. */
export async function pagesFrom(
  { registry }: Pick<ExportCore, 'registry'>,
  part: ExportPart,
): Promise<readonly ExportPage[] | undefined> {
  if (part.collection === undefined) return [];
  const all: ExportPage[] = [];
  for await (const { items } of pages((after) => registry.exportPages(part, after))) all.push(...items);
  return pagesOf(part.collection, all);
}
