import type { RequestRef } from '../../domain/record/ids.ts';
import { EXPORT_PARTS_A_PAGE, type Requests } from '../../ports/requests.ts';
import { type DynamoTable, PAGE_ITEMS, versionIs } from '../dynamodb/dynamo-table.ts';
import {
  fromPageItem,
  fromPartItem,
  pagesPartition,
  partKey,
  partNumber,
  partsPartition,
  toPageItem,
  toPartItem,
} from './dynamo-export-part.ts';
import {
  fromListedItem,
  fromRequestItem,
  listedKey,
  OPEN_REQUESTS,
  requestKey,
  toListedItem,
  toRequestItem,
} from './dynamo-request-item.ts';

const LAST_PART = '99999999';

/** Requests of people, each in its own partition, and the list of those that are open. */
export function dynamoRequests(table: DynamoTable): Requests {
  return {
    async putRequest(next) {
      return (await table.put(toRequestItem(next), versionIs(next.version - 1))) ? 'written' : 'moved';
    },

    async requests(refs) {
      const found = new Map<RequestRef, ReturnType<typeof fromRequestItem>>();
      for (const item of await table.batchGet(refs.map(requestKey))) {
        const request = fromRequestItem(item);
        found.set(request.ref, request);
      }
      return found;
    },

    async listRequest(listed) {
      await table.put(toListedItem(listed));
    },

    async listedRequests(after) {
      const page = await table.page({ partition: OPEN_REQUESTS, after, limit: PAGE_ITEMS });
      return { ...page, items: page.items.map(fromListedItem) };
    },

    async unlistRequest({ ref, at }) {
      await table.delete(listedKey(ref), { expression: 'a = :at', values: { ':at': at } });
    },

    async putExportPart(next) {
      return (await table.put(toPartItem(next), versionIs(next.version - 1))) ? 'written' : 'moved';
    },

    async exportPart(key) {
      const item = await table.get(partKey(key));
      return item && fromPartItem(item);
    },

    async exportParts(of, after = 0) {
      const between = [partNumber(after + 1), LAST_PART] as const;
      const page = await table.page({ partition: partsPartition(of), between, limit: EXPORT_PARTS_A_PAGE });
      const items = page.items.map(fromPartItem);
      const last = items.at(-1);
      return page.next === undefined || last === undefined ? { items } : { items, next: last.number };
    },

    async putExportPage(page) {
      await table.put(toPageItem(page));
    },

    async exportPages(of, after) {
      const page = await table.page({ partition: pagesPartition(of), after, limit: EXPORT_PARTS_A_PAGE });
      return { ...page, items: page.items.map(fromPageItem) };
    },
  };
}
