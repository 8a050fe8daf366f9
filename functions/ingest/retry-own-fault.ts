import { isRetryDue, OWN_FAULT } from '../../shared/domain/configuration/queue-settings.ts';
import { type IngestCore, quarantine, reportFailure, type Untaken } from './quarantine.ts';

type Taken = { readonly ok: true; readonly value: 'done' | 'again' } | Untaken;

/**
 * Tries a message once more that was quarantined because of our own faults. The try is noted first, so that a message
 * that stops the function does so once a day. It leaves the quarantine when it was processed; if it is refused now, it
 * stays there with the code of the refusal. An item that an operator settled meanwhile is nothing.
 */
export async function retryOwnFault(
  core: IngestCore,
  id: string,
  take: (body: string) => Promise<Taken>,
): Promise<void> {
  const item = await core.registry.quarantinedItem(id);
  const now = core.clock.now();
  if (item?.code !== OWN_FAULT || !isRetryDue(item, now)) return;
  if ((await core.registry.noteTry(id, now)) === 'unknown') return;
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
    await quarantine(core, body, taken);
    return;
  }
  if (taken.value === 'again') await core.queues.replay(body);
  await core.registry.removeQuarantined(id);
}
