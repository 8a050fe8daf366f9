import type { ExportPage, ExportPart } from '../../domain/export/export-part.ts';
import type { PersonRequest } from '../../domain/people/request.ts';
import {
  EXPORT_PARTS_A_PAGE,
  type ExportPartKey,
  type ListedRequest,
  type Requests,
} from '../../ports/requests.ts';
import { deepFreeze } from '../deep-freeze.ts';
import { memoryPartitions, memoryRows } from '../memory/memory-rows.ts';

export interface MemoryRequests extends Requests {
  allRequests(): PersonRequest[];
  allListedRequests(): ListedRequest[];
  allExportParts(): ExportPart[];
  allExportPages(): ExportPage[];
}

export function memoryRequests(pageSize: number): MemoryRequests {
  const requests = memoryRows<PersonRequest>();
  const listed = memoryRows<ListedRequest>();
  const parts = memoryPartitions<ExportPart>();
  const exportPages = memoryPartitions<ExportPage>();
  return {
    async putRequest(next) {
      if ((requests.get(next.ref)?.version ?? 0) !== next.version - 1) return 'moved';
      requests.put(next.ref, deepFreeze(next));
      return 'written';
    },
    async requests(refs) {
      return new Map(
        refs.flatMap((ref) => {
          const request = requests.get(ref);
          return request === undefined ? [] : [[ref, request] as const];
        }),
      );
    },
    listRequest: async (item) => listed.put(item.ref, deepFreeze(item)),
    listedRequests: async (after) => listed.page(pageSize, after),
    async unlistRequest({ ref, at }) {
      if (listed.get(ref)?.at === at) listed.delete(ref);
    },
    async putExportPart(next) {
      const rows = parts.of(partitionOf(next));
      if ((rows.get(numberKey(next.number))?.version ?? 0) !== next.version - 1) return 'moved';
      rows.put(numberKey(next.number), deepFreeze(next));
      return 'written';
    },
    exportPart: async (key) => parts.at(partitionOf(key)).get(numberKey(key.number)),
    async exportParts(of, after) {
      const from = after === undefined ? undefined : numberKey(after);
      const { items, next } = parts.at(partitionOf(of)).page(EXPORT_PARTS_A_PAGE, from);
      return next === undefined ? { items } : { items, next: Number(next) };
    },
    async putExportPage(page) {
      exportPages.of(pagesPartitionOf(page)).put(`${numberKey(page.page)}#${page.name}`, deepFreeze(page));
    },
    exportPages: async (of, after) => exportPages.at(pagesPartitionOf(of)).page(EXPORT_PARTS_A_PAGE, after),
    allExportPages: () => exportPages.all(),
    allExportParts: () => parts.all(),
    allListedRequests: () => listed.all(),
    allRequests: () => requests.all(),
  };
}

function partitionOf({ store, exportId }: Omit<ExportPartKey, 'number'>): string {
  return `${store}#${exportId}`;
}

function pagesPartitionOf(key: ExportPartKey): string {
  return `${partitionOf(key)}#${key.number}`;
}

/** So that numbers are in order. */
function numberKey(number: number): string {
  return String(number).padStart(8, '0');
}
