import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { CloudEvent } from '../../shared/contract/cloud-event.ts';
import type { HoldingAnswer } from '../../shared/contract/subjects.ts';
import { bucketOf, FIRST, tableOf } from './consumer.ts';
import { SOURCES } from './players.ts';
import { given, type Run } from './step.ts';

export const DAY = 86_400_000;
/** The period of the example's rule. */
const PERIOD = 30 * DAY;
/** The longest time from due to gone where nothing fails: see docs/failures.md; and some for a cold start. */
const PROMPT = 8 * 60_000;
const SOON = 3 * 60_000;

/** An event of a contract, which happened at an instant. */
export function event(type: string, id: string, occurred: number, app: keyof typeof SOURCES): CloudEvent {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: SOURCES[app],
    type,
    data: { entity: { type: 'contract', id }, occurred: new Date(occurred).toISOString() },
  };
}

/** The end of a contract that makes its records due at `due`. */
export function ended(id: string, due: number): CloudEvent {
  return event('contract.ended', id, due - PERIOD, 'crm');
}

/** Registers a record of a contract in both stores, and writes both. Returns once the registrations are planned. */
export async function recordsOf(run: Run, id: string): Promise<void> {
  const crm = await given(run.found.people, 'the deployment').client('crm');
  const key = `crm/${id}`;
  const shared = {
    categories: ['contract-data'],
    purposes: ['contract'],
    entities: [{ type: 'contract', id }],
  };
  const items = ['members', 'pictures'].map((store) => ({ store, locator: [key], ...shared }));
  const { results } = await crm.registerHoldings(items);
  const rejected = results.find(({ status }) => status === 'rejected');
  if (rejected !== undefined) throw new Error(`a registration was rejected: ${rejected.code}`);
  const Item = { member: { S: key }, mail: { S: 'zoe.marker@example.org' } };
  await run.clients.dynamo.send(new PutItemCommand({ TableName: tableOf(FIRST), Item }));
  for (const Body of ['one', 'two'])
    await run.clients.s3.send(new PutObjectCommand({ Bucket: bucketOf(run.place, FIRST), Key: key, Body }));
  await query(run, id, (holdings) => holdings.length === items.length, 'both registrations count');
}

/** Waits until the API's answer about a contract is as it should be. */
export async function query(
  run: Run,
  id: string,
  fits: (holdings: readonly HoldingAnswer[]) => boolean,
  what: string,
): Promise<void> {
  const crm = await given(run.found.people, 'the deployment').client('crm');
  const until = Date.now() + SOON;
  for (;;) {
    const { holdings } = await crm.querySubject({ entity: { type: 'contract', id } });
    if (fits(holdings)) return;
    if (Date.now() > until) throw new Error(`it took too long until ${what}`);
    await sleep(2000);
  }
}

export async function isThere({ clients, place }: Run, id: string): Promise<boolean> {
  const key = `crm/${id}`;
  const { Item } = await clients.dynamo.send(
    new GetItemCommand({ TableName: tableOf(FIRST), Key: { member: { S: key } }, ConsistentRead: true }),
  );
  const listed = await clients.s3.send(
    new ListObjectVersionsCommand({ Bucket: bucketOf(place, FIRST), Prefix: key }),
  );
  return Item !== undefined || (listed.Versions ?? []).length + (listed.DeleteMarkers ?? []).length > 0;
}

/** When both records of a contract were gone. Throws if that takes longer than a disposal may. */
export async function goneAfter(run: Run, id: string, due: number): Promise<number> {
  for (;;) {
    if (!(await isThere(run, id))) return Date.now();
    if (Date.now() > due + PROMPT)
      throw new Error(
        `the records are still there ${Math.round((Date.now() - due) / 1000)} s after they were due`,
      );
    await sleep(1000);
  }
}
