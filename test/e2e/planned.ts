import { setTimeout as sleep } from 'node:timers/promises';
import type { Contract } from './happenings.ts';
import type { World } from './world.ts';

/** Waits until the API gives each record of a contract this status: what was sent about it was folded. */
export async function planned(
  { people }: World,
  { id, records }: Contract,
  { status, until }: { readonly status: string; readonly until: number },
): Promise<void> {
  for (;;) {
    const { holdings } = await people.client('crm').querySubject({ entity: { type: 'contract', id } });
    const reached = holdings.filter(({ plan }) => plan?.status === status).length;
    if (reached === records.length) return;
    if (Date.now() > until) throw new Error(`${reached} of ${records.length} records are ${status}`);
    await sleep(500);
  }
}
