import { present } from '../../domain/present.ts';
import type { Asked } from '../../domain/record/asked.ts';
import { handleOf, type Notice } from '../../domain/record/notice.ts';
import type { ActedOn } from '../../domain/record/work.ts';
import type { Acted } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';

type Requested = ActedOn & { readonly asked: Asked; readonly request: string };

/**
 * Asks a vendor that has no API: by an event, which is durable when this ends. Noted again, it is the same event, as long as
 * it is the same request. It has no id of a person: who gets it knows the record by its handle.
 */
export async function noteRequests(
  core: LaneCore,
  requests: readonly Requested[],
): Promise<readonly Acted[]> {
  const notices = requests.map(({ ref, generation, stage, part, request, asked }): Notice => {
    const { number, at } = asked;
    const what = { store: core.lane, stage, ...present({ part }) };
    const data = { ...what, handle: handleOf(ref), generation, request, number };
    return { id: request, kind: 'vendor', at, data };
  });
  await core.registry.putNotices(notices);
  return requests.map(() => ({ outcome: 'requested' }));
}
