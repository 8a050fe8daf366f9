import { isRetryDue, OWN_FAULT } from '../../shared/domain/configuration/queue-settings.ts';
import { isRefusedByPolicies } from '../../shared/protocol/facts/refused-by-policies.ts';
import { present } from '../../shared/domain/present.ts';
import type { Quarantined } from '../../shared/ports/upkeep.ts';
import { type IngestCore, reportFailure, reportQuarantined, type Taken } from './quarantine.ts';

type Take = (body: string) => Promise<Taken>;

/** Tries a message once more that was quarantined because of our own faults, once a day. */
export async function retryOwnFault(core: IngestCore, id: string, take: Take): Promise<void> {
  const item = await core.registry.quarantinedItem(id);
  const now = core.clock.now();
  if (item?.code !== OWN_FAULT || !isRetryDue(item, now)) return;
  if ((await core.registry.noteTry(id, now)) === 'noted') await tryAgain(core, item, take);
}

/**
 * Tries a message once more that other policies refused. While it is tried it counts as one of our own faults: if the
 * function stops, or fails, it is tried again tomorrow.
 */
export async function retryRefused(core: IngestCore, id: string, take: Take): Promise<void> {
  const item = await core.registry.quarantinedItem(id);
  if (item === undefined || item.cut !== undefined || !isRefusedByPolicies(item.code)) return;
  const tried: Quarantined = { ...item, code: OWN_FAULT, reason: '', triedAt: core.clock.now() };
  if ((await core.registry.replaceQuarantined(tried)) === 'replaced') await tryAgain(core, tried, take);
}

/**
 * The try was noted first, so that a message that stops the function does so once a day. It leaves the quarantine when it
 * was processed; if it is refused now, it stays there with the code of the refusal, since its first arrival. An item that
 * an operator settled meanwhile is nothing.
 */
async function tryAgain(core: IngestCore, item: Quarantined, take: Take): Promise<void> {
  const { id } = item;
  const now = core.clock.now();
  const bytes = await core.keys.decrypt({ scope: 'quarantine', context: id }, item.sealed);
  const body = new TextDecoder().decode(bytes);
  let taken: Taken;
  try {
    taken = await take(body);
  } catch (error) {
    // Tomorrow again.
    reportFailure(core, error, item.receivedAt);
    return;
  }
  if (!taken.ok) {
    const { code, path: reason, producer } = taken;
    const { producer: _former, ...rest } = item;
    const kept = { ...rest, triedAt: now, code, reason, ...present({ producer }) };
    if ((await core.registry.replaceQuarantined(kept)) === 'replaced') reportQuarantined(core, taken);
    return;
  }
  // It waits for a worker. The line end gives the new message its own quarantine id: it may be refused before this
  // run removes the item.
  if (taken.value === 'again') await core.queues.replay(`${body}\n`);
  await core.registry.removeQuarantined(id);
}
