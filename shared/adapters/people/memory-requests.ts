import type { PersonRequest } from '../../domain/people/request.ts';
import type { ListedRequest, Requests } from '../../ports/requests.ts';
import { deepFreeze } from '../deep-freeze.ts';
import { memoryRows } from '../memory/memory-rows.ts';

export interface MemoryRequests extends Requests {
  allRequests(): PersonRequest[];
  allListedRequests(): ListedRequest[];
}

export function memoryRequests(pageSize: number): MemoryRequests {
  const requests = memoryRows<PersonRequest>();
  const listed = memoryRows<ListedRequest>();
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
    allListedRequests: () => listed.all(),
    allRequests: () => requests.all(),
  };
}
