import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { ProgressAnswer } from '../../../shared/contract/people/requests.ts';
import type { CloudEvent } from '../../../shared/contract/cloud-event.ts';
import { pagesOf } from '../../../shared/client/client.ts';
import { DAYS, SOURCES } from '../app-settings.ts';
import { hourlySweep } from '../people/hourly-sweep.ts';
import { until } from '../people/until.ts';
import { MARKER } from '../records.ts';
import type { Scoreboard } from '../scoreboard.ts';
import type { World } from '../world.ts';
import { type Amounts, type CompanyRecords, openCompanies } from './company-records.ts';
import { COMPANY_STORES } from './company-settings.ts';
import { checkPages } from './pages.ts';

const [MINUTE, DAY] = [60_000, 86_400_000];
const HOLD = 'matter-of-a-company';
const REQUEST = 'ticket-4715';

/** More versions of files than a list of S3 has on one page, which is 1,000. */
const MANY: Amounts = { visits: 200, notes: 200, bills: 250, drafts: 3, files: 400 };
const FEW: Amounts = { visits: 30, notes: 30, bills: 30, drafts: 2, files: 12 };
const NOTHING: Amounts = { visits: 0, notes: 0, bills: 0, drafts: 0, files: 0 };

const named = (name: string): string => `${name}-company-${MARKER}`;
const [CLOSED, OPEN, SILENT, HELD, ERASED] = ['closed', 'open', 'silent', 'held', 'erased'].map(named) as [
  string,
  string,
  string,
  string,
  string,
];
/** Who asks: known to the application as a company. */
const PERSON = { type: 'person', id: `owner-${MARKER}` };

/** The application registers one record of these: all others are found by the id that they carry. */
export async function disposeOfCollections(world: World, board: Scoreboard): Promise<void> {
  const companies = openCompanies(world);
  try {
    await play(world, board, companies);
  } finally {
    companies.close();
  }
}

async function play(world: World, board: Scoreboard, companies: CompanyRecords): Promise<void> {
  const { people } = world;
  const [crm, operator] = [people.client('crm'), people.client('operator')];
  const own = (id: string) => ({ type: 'company', id });
  const asked = (id: string) => ({ ...own(id), producer: 'crm' });
  const held = {
    id: HOLD,
    scope: { entity: asked(HELD) },
    matter: 'matter 8',
    reason: 'a claim is expected',
  };
  let dueAt = 0;

  await board.scenario('one event about a company is all that its records need', async () => {
    for (const id of [OPEN, SILENT, HELD, ERASED]) await companies.write(id, FEW);
    await companies.write(CLOSED, MANY);
    const placed = await operator.placeHold(held);
    if (placed.dryRun) throw new Error('the hold was a dry run');
    const { results } = await crm.registerHoldings([
      {
        store: 'bills',
        locator: [await companies.billOf(CLOSED)],
        categories: ['legal-bills'],
        purposes: ['service'],
        entities: [own(CLOSED)],
      },
    ]);
    if (results[0]?.status !== 'accepted') throw new Error(`rejected: ${results[0]?.code}`);
    dueAt = Math.ceil((Date.now() + 100_000) / MINUTE) * MINUTE;
    await crm.sendEvents([
      told('company.closed', { entity: own(CLOSED), occurred: dueAt - DAYS * DAY }),
      told('company.reopened', { entity: own(OPEN), occurred: dueAt - DAY }),
      told('company.closed', { entity: own(HELD), occurred: dueAt - DAYS * DAY }),
      linked(PERSON, own(ERASED)),
    ]);
    for (const id of [CLOSED, OPEN, HELD, ERASED]) {
      await until(
        'it has its collections',
        () => collectionsOf(world, asked(id)),
        (found) => found.length === 4,
      );
    }
    const silent = await collectionsOf(world, asked(SILENT));
    if (silent.length > 0) throw new Error('a company of which nothing was said has collections');
    return `${Object.values(MANY).reduce((sum, count) => sum + count)} records of one company`;
  });

  await board.scenario('no record of a collection is disposed of before it is due', async () => {
    await sleep(dueAt - Date.now() - 8000);
    for (const [id, amounts] of [...others(), [CLOSED, MANY]] as const)
      await expectLeft(companies, id, amounts);
    if (Date.now() >= dueAt) throw new Error('the count took too long');
    return undefined;
  });

  const left = { ...NOTHING, bills: 1, drafts: MANY.drafts };
  await board.scenario(
    'the records of a company go, with their versions, and those of no other',
    async () => {
      await until(
        'they are gone',
        () => companies.count(CLOSED),
        (found) => isDeepStrictEqual(found, left),
      );
      for (const store of COMPANY_STORES) board.timing(store, Date.now() - dueAt, 'collections of a company');
      for (const [id, amounts] of others()) await expectLeft(companies, id, amounts);
      return undefined;
    },
  );

  await board.scenario('a record that is registered on its own keeps its own date', async () => {
    const found = await until(
      'the other collections have ended',
      () => collectionsOf(world, asked(CLOSED)),
      (each) => each.filter(({ state }) => state === 'disposed').length === 3,
    );
    const bills = await until(
      'the collection says what it keeps',
      () => collectionsOf(world, asked(CLOSED)),
      (each) => each.some(({ collection, kept }) => collection === 'bills' && kept?.records === 1),
    );
    const state = bills.find(({ collection }) => collection === 'bills')?.state;
    if (state !== 'active') throw new Error(`the collection of the bills is ${state}`);
    return `${found.length} collections`;
  });

  await board.scenario(
    'a hold on a company keeps its collections, and its release lets them go',
    async () => {
      await until(
        'they wait for the release',
        () => operator.releaseHold({ id: HOLD, reason: 'not yet', dryRun: true }),
        ({ waiting }) => waiting.holdings === 4,
      );
      await expectLeft(companies, HELD, FEW);
      await operator.releaseHold({ id: HOLD, reason: 'the claim was settled' });
      await until(
        'they are gone',
        () => companies.count(HELD),
        (found) => isDeepStrictEqual(found, { ...NOTHING, drafts: FEW.drafts }),
      );
      return undefined;
    },
  );

  await board.scenario('a person’s request erases the collections of the person’s company', async () => {
    await operator.fileRequest({ id: REQUEST, kind: 'erase', entity: PERSON, jurisdiction: 'DE' });
    await until(
      'they are gone',
      () => companies.count(ERASED),
      (found) => isDeepStrictEqual(found, { ...NOTHING, drafts: FEW.drafts }),
    );
    const show = async () => {
      const lines: ProgressAnswer[] = [];
      for await (const page of pagesOf((cursor) => operator.queryRequests({ id: REQUEST, ...cursor })))
        lines.push(...(page.holdings ?? []));
      return lines;
    };
    const lines = await until('the answer says so', show, (all) =>
      all.every(({ state }) => state === 'gone'),
    );
    const collections = lines.map(({ collection }) => String(collection)).toSorted();
    if (collections.join() !== 'bills,files,visit-notes,visits')
      throw new Error(`the answer is about ${collections.join(', ')}`);
    await hourlySweep(world);
    await until(
      'it is closed',
      () => operator.queryRequests({ id: REQUEST }),
      ({ requests }) => requests[0]?.state === 'closed',
    );
    return collections.join(', ');
  });

  const gone = (amounts: Amounts, store: (typeof COMPANY_STORES)[number]): number =>
    ({ visits: amounts.visits + amounts.notes, bills: amounts.bills, files: amounts.files })[store];
  await checkPages(world, board, {
    marker: MARKER,
    expected: (store) => gone(MANY, store) + 2 * gone(FEW, store) - (store === 'bills' ? 1 : 0),
  });
  await board.scenario('companies that are not closed have all of their records at the end', async () => {
    for (const id of [OPEN, SILENT]) await expectLeft(companies, id, FEW);
    await expectLeft(companies, CLOSED, left);
    return undefined;
  });
}

function others(): readonly (readonly [string, Amounts])[] {
  return [OPEN, SILENT, HELD, ERASED].map((id) => [id, FEW] as const);
}

async function expectLeft(companies: CompanyRecords, id: string, expected: Amounts): Promise<void> {
  const found = await companies.count(id);
  if (isDeepStrictEqual(found, expected)) return;
  const name = id.replace(MARKER, '…');
  throw new Error(`${name} has ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`);
}

async function collectionsOf({ people }: World, entity: Named & { readonly producer: string }) {
  const { holdings } = await people.client('operator').querySubject({ entity });
  return holdings.filter(({ collection }) => collection !== undefined);
}

interface Named {
  readonly type: string;
  readonly id: string;
}

function told(
  type: string,
  { entity, occurred }: { readonly entity: Named; readonly occurred: number },
): CloudEvent {
  const data = { entity, occurred: new Date(occurred).toISOString() };
  return { specversion: '1.0', id: randomUUID(), source: SOURCES.crm, type, data };
}

function linked(entity: Named, account: Named): CloudEvent {
  const data = { entity, linked: account };
  return { specversion: '1.0', id: randomUUID(), source: SOURCES.crm, type: 'tenure.entities.linked', data };
}
