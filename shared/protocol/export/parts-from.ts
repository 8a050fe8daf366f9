import type { ExportPart } from '../../domain/export/export-part.ts';
import type { ExportState } from '../../domain/export/export-state.ts';
import type { ExportPartPage } from '../../ports/requests.ts';
import type { ExportCore } from './export-core.ts';

/** The parts of a store in order, after the one with this number. */
export async function* partsFrom(
  { registry }: Pick<ExportCore, 'registry'>,
  { id, parts }: ExportState,
  store: string,
  after = 0,
): AsyncGenerator<ExportPart, void> {
  let from: number | undefined = after;
  while (from !== undefined && from < (parts[store] ?? 0)) {
    const page: ExportPartPage = await registry.exportParts({ store, exportId: id }, from);
    yield* page.items;
    from = page.next;
  }
}
