import { randomUUID } from 'node:crypto';
import { ClientError } from '../../shared/client/client-error.ts';
import type { ItemResult } from '../../shared/contract/batch.ts';
import { SOURCES } from './app-settings.ts';
import { contract, ended, registrations } from './happenings.ts';
import type { Scoreboard } from './scoreboard.ts';
import type { World } from './world.ts';

const DAY = 86_400_000;

/** What another application, the auditor and a user without a role attempt over HTTP, with valid keys. */
export async function refuseStrangers({ people }: World, board: Scoreboard, victim: string): Promise<void> {
  const now = Date.now();
  const crms = contract('a', 1, 1);
  const shop = people.client('shop');

  await board.scenario('another application cannot register the first one’s rows', async () => {
    const { results } = await shop.registerHoldings(registrations(crms)).catch(asResults);
    for (const [index, { store }] of registrations(crms).entries()) {
      board.refused(`shop registers a row of crm in ${store}`, codeOf(results, index), [
        'LOCATOR_NOT_GRANTED',
        'STORE_NOT_GRANTED',
      ]);
    }
    return undefined;
  });

  await board.scenario('another application cannot end the first one’s contracts', async () => {
    const event = ended(victim, now - DAY, 'shop');
    const named = { ...event.data, entity: { type: 'contract', id: victim, producer: 'crm' } };
    const { results } = await shop.sendEvents([{ ...event, data: named } as typeof event]).catch(asResults);
    board.refused('shop ends a contract and names crm as its owner', codeOf(results, 0), ['ENTITY_NOT_OWN']);
    return undefined;
  });

  await board.scenario('another application cannot send as the first one', async () => {
    const event = { ...ended(victim, now - DAY, 'shop'), source: SOURCES.crm, id: randomUUID() };
    const { results } = await shop.sendEvents([event]).catch(asResults);
    board.refused('shop sends with the source of crm', codeOf(results, 0), ['SOURCE_MISMATCH']);
    return undefined;
  });

  await board.scenario('its own contract of the same id is another contract', async () => {
    const { results } = await shop.sendEvents([ended(victim, now - DAY, 'shop')]);
    if (results[0]?.status !== 'accepted') throw new Error(`answered ${codeOf(results, 0)}`);
    return 'accepted; the first application’s records have to stay';
  });

  await board.scenario('an auditor and an operator cannot write what only applications may', async () => {
    for (const player of ['auditor', 'operator'] as const) {
      const client = people.client(player);
      board.refused(`${player} registers`, await statusOf(client.registerHoldings(registrations(crms))), [
        '403',
      ]);
    }
    const auditor = people.client('auditor');
    board.refused('auditor sends an event', await statusOf(auditor.sendEvents([ended(victim, now)])), [
      '403',
    ]);
    board.refused('auditor pauses a lane', await statusOf(auditor.pause('members')), ['403']);
    return undefined;
  });

  await board.scenario('an application cannot read the log or stop a lane', async () => {
    const day = new Date(now).toISOString();
    const crm = people.client('crm');
    const reading = crm.queryLog({ from: day, to: new Date(now + DAY).toISOString() });
    board.refused('crm reads the log', await statusOf(reading), ['403']);
    board.refused('crm pauses all lanes', await statusOf(crm.pause()), ['403']);
    return undefined;
  });

  await board.scenario('a request without a signature is refused', async () => {
    for (const path of ['/v1/events', '/v1/holdings', '/v1/log/entries/query']) {
      const { status } = await fetch(`${people.url}${path}`, { method: 'POST', body: '{}' });
      board.refused(`unsigned POST ${path}`, String(status), ['403']);
    }
    return undefined;
  });
}

/** A batch of which no item was accepted is answered like any other. */
export function asResults(error: unknown): { results: readonly ItemResult[] } {
  if (!(error instanceof ClientError)) throw error;
  return { results: [{ index: 0, status: 'rejected', code: error.code }] };
}

export function codeOf(results: readonly ItemResult[], index: number): string {
  const found = results.find((result) => result.index === index);
  return found?.code ?? found?.status ?? 'nothing';
}

export async function statusOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'accepted';
  } catch (error) {
    if (error instanceof ClientError) return String(error.status);
    throw error;
  }
}
