import { randomBytes } from 'node:crypto';
import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { RequestsAnswer } from '../../../shared/contract/people/requests.ts';
import type { Player } from '../app-settings.ts';
import { REGION, ROOT_KEY } from '../emulator.ts';
import { type Contract, registrations } from '../happenings.ts';
import { MARKER } from '../records.ts';
import { statusOf } from '../refusals.ts';
import type { Scoreboard } from '../scoreboard.ts';
import { exportsBucketOf, PICTURES_BUCKET, type World } from '../world.ts';
import { downloaded, expectCopy } from './copied-content.ts';
import { refuseApplications } from './exports-closed.ts';
import { sealedSteps } from './sealed-steps.ts';
import { until } from './until.ts';

const ID = 'ticket-4713';
const OWN = `copied-${MARKER}`;
const OTHER = `not-copied-${MARKER}`;
const SCAN = 'crm/copied-scan.pdf';
/** S3 copies it into the archive in a part of its own: smaller ones are read and written. */
const SCAN_BYTES = 25 * 1024 ** 2;

/** What is in the copy, and what is about the same contract or is registered beside it, and is not. */
const COPIED: Contract = {
  id: OWN,
  records: [
    ...['crm/copied-0', 'crm/copied-1'].map((key) => ({ lane: 'members', key, contract: OWN }) as const),
    ...[1100, 1101].map((key) => ({ lane: 'orders', key, contract: OWN }) as const),
  ],
};
const SHARED = { lane: 'orders', key: 1102, contract: OTHER } as const;
const DELETED = { lane: 'pictures', key: 'crm/copied-deleted', contract: OTHER } as const;
const NEIGHBOURS: Contract = {
  id: OTHER,
  records: [
    { lane: 'members', key: 'crm/not-copied', contract: OTHER },
    { lane: 'orders', key: 1103, contract: OTHER },
  ],
};
/** Of another application, which has its own contract of the same id. */
const SHOPS: Contract = { id: OWN, records: [{ lane: 'members', key: 'shop/not-copied', contract: OTHER }] };
const [IN_COPY, LEFT_OUT] = [COPIED.records.length + 1, 2];

/** A copy of one contract's records, from three stores, filed and fetched by the application that owns the contract. */
export async function copyForPerson(world: World, board: Scoreboard): Promise<void> {
  const { people } = world;
  const crm = people.client('crm');
  const entity = { type: 'contract', id: OWN };
  const scan = randomBytes(SCAN_BYTES);
  const filing = { id: ID, kind: 'export', entity, jurisdiction: 'DE' } as const;
  let request = '';

  await board.scenario('an application files a request for a copy, and the archive is made', async () => {
    await writeAll(world, scan);
    await until(
      'everything is registered',
      () => crm.fileRequest({ ...filing, dryRun: true }),
      ({ holdings = [] }) => holdings.length === IN_COPY + LEFT_OUT,
    );
    const filed = await crm.fileRequest(filing);
    request = filed.requests[0]?.request ?? '';
    if (filed.dryRun === true || request === '') throw new Error(`filed as ${JSON.stringify(filed)}`);
    const told = await until('the copy is ready', () => crm.queryRequests({ request }), isReady);
    const { export: made, state } = told.requests[0] ?? {};
    if (state !== 'closed' || made?.records !== IN_COPY || made.leftOut !== LEFT_OUT)
      throw new Error(`it is ${state}, with ${JSON.stringify(made)}`);
    return `${made.records} records with ${made.bytes} bytes, ${made.leftOut} left out`;
  });

  await board.scenario('the link is for who filed it, and for no one else', async () => {
    const link = async (player: Player) =>
      statusOf(people.client(player).queryRequests({ request, link: true }));
    board.refused('an auditor asks for the link', await link('auditor'), ['403']);
    board.refused('another application asks for the link', await link('shop'), ['404']);
    const { link: given } = await crm.queryRequests({ request, link: true });
    const url = new URL(given?.url ?? '');
    const [signed, forged, unsigned] = [new URL(url), new URL(url), new URL(url)];
    signed.pathname = url.pathname.replace('.tar', '-1.tar');
    forged.searchParams.set('X-Amz-Expires', '600000');
    unsigned.search = '';
    board.refused('the link is used for another archive', await answered(signed), ['403']);
    board.refused('the link is used with a longer time', await answered(forged), ['403']);
    board.refused('the archive is fetched without a signature', await answered(unsigned), ['403']);
    return undefined;
  });

  await board.scenario(
    'the packaged command fetches the copy, and has what the application wrote',
    async () => {
      const folder = await downloaded(world, board, request);
      await expectCopy(folder, { request, records: COPIED.records, scan, stranger: OTHER });
      for (const record of [...COPIED.records, SHARED, ...NEIGHBOURS.records, ...SHOPS.records])
        if (!(await world.records.isThere(record))) throw new Error(`${record.lane} ${record.key} is gone`);
      return `${IN_COPY} records, each as it was written`;
    },
  );

  await board.scenario('no object of the copies has an id in its name', async () => {
    const keys = await keysOf(world);
    const wrong = keys.filter((key) => !NAMES.test(key));
    if (wrong.length > 0) throw new Error(wrong.join(', '));
    const archives = keys.filter((key) => key.startsWith('archives/'));
    if (archives.length !== 1) throw new Error(`there are ${archives.length} archives`);
    return `${keys.length} objects`;
  });

  await board.scenario('no application reaches the bucket of copies', async () => {
    return refuseApplications(world, board, await keysOf(world));
  });

  await board.scenario('the deletion log has the request for a copy, each link, and its end', async () => {
    const sealed = await until(
      'the links are sealed',
      () => sealedSteps(world, 'export'),
      (found) => stepsOf(found).filter((step) => step === 'link-given').length >= 2,
    );
    const steps = stepsOf(sealed).map(String).toSorted().join(', ');
    if (steps !== 'closed, filed, link-given, link-given') throw new Error(steps);
    if (JSON.stringify(sealed).includes(MARKER)) throw new Error('an entry names a person');
    return steps;
  });
}

/** The id of the export and that of the attempt are random, and numbers count. */
const NAMES =
  /^(pieces\/(members|orders|pictures)\/[\w-]{22}\/[\w-]{22}\/(data|record)-[0-9-]+|archives\/[\w-]{22}\.tar)$/;

/** In any order of registering and writing, as applications do. */
async function writeAll({ people, records, emulator }: World, scan: Uint8Array): Promise<void> {
  const about = { purposes: ['contract'], categories: ['contract-data'] };
  const own = { type: 'contract', id: OWN };
  const both = [own, { type: 'contract', id: OTHER }];
  const filed = [
    ...registrations(COPIED),
    ...registrations(NEIGHBOURS),
    { ...about, store: 'orders', locator: [SHARED.key], entities: both },
    { ...about, store: 'pictures', locator: [DELETED.key], entities: [own] },
    { ...about, store: 'pictures', locator: [SCAN], entities: [own] },
  ];
  for (const [app, list] of [
    ['crm', filed],
    ['shop', registrations(SHOPS)],
  ] as const) {
    const { results } = await people.client(app).registerHoldings(list);
    const rejected = results.find(({ status }) => status === 'rejected');
    if (rejected !== undefined) throw new Error(`${app} was rejected: ${rejected.code}`);
  }
  for (const record of [...COPIED.records, SHARED, DELETED, ...NEIGHBOURS.records, ...SHOPS.records])
    await records.write(record);
  const owner = new S3Client({ endpoint: emulator.endpoint, region: REGION, credentials: ROOT_KEY });
  const object = { Bucket: PICTURES_BUCKET, Key: SCAN, ContentType: 'application/pdf' };
  // The copy has the newest version.
  for (const Body of [OTHER, scan]) await owner.send(new PutObjectCommand({ ...object, Body }));
  owner.destroy();
}

function isReady({ requests: [request] }: RequestsAnswer): boolean {
  return request?.export?.step === 'ready' && request.state === 'closed';
}

async function answered(url: URL): Promise<string> {
  const answer = await fetch(url);
  await answer.body?.cancel();
  return String(answer.status);
}

function stepsOf(entries: Awaited<ReturnType<typeof sealedSteps>>): readonly (string | undefined)[] {
  return entries.map(({ request }) => request?.step);
}

async function keysOf(world: World): Promise<readonly string[]> {
  const owner = new S3Client({ endpoint: world.emulator.endpoint, region: REGION, credentials: ROOT_KEY });
  const { Contents = [] } = await owner.send(new ListObjectsV2Command({ Bucket: exportsBucketOf(world) }));
  owner.destroy();
  return Contents.map(({ Key = '' }) => Key);
}
