import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TenureConfig } from '../../../infra/load-deployment.ts';
import { appSettings, type Places } from '../app-settings.ts';
import { ROOT, run } from '../command.ts';
import { sealedLog } from '../evidence.ts';
import { contract, type Contract, ended, registrations, renewed } from '../happenings.ts';
import { LANES } from '../records.ts';
import type { Scoreboard } from '../scoreboard.ts';
import {
  MEMBERS_TABLE,
  openWorld,
  PICTURES_BUCKET,
  prepareWorld,
  type World,
  writeSettings,
} from '../world.ts';
import { nothingDenied } from './chapter.ts';
import { deadLetters } from './dead-letters-left.ts';
import { FORMER, formerRelease } from './former-release.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 86_400_000;
/** From the end of the last deployment on. */
const LATEST = 8 * MINUTE;

/**
 * The former release is deployed and fed. This one is deployed over it, taken back, and deployed again, and the
 * applications go on throughout. Everything that is due goes once, nothing else goes, and the log has each record once.
 */
export async function playUpgrade(board: Scoreboard, cleanup: AsyncDisposableStack): Promise<void> {
  const checkout = await formerRelease(cleanup);
  board.step(`the release ${FORMER.tag} is unpacked, with its own packages`);
  const settings = (places: Places) => asFormerly(appSettings(places));
  const prepared = await prepareWorld(board, cleanup, { checkout, settings });
  const { app, deployment, postgres, ordersLogin } = prepared;
  const world = await openWorld(prepared, board, await deployment.deploy());
  const former = await deployment.keep('cdk.out.former');

  const places = { membersTable: MEMBERS_TABLE, picturesBucket: PICTURES_BUCKET, ordersLogin };
  await installThisRelease(app);
  await writeSettings(app, appSettings({ ...places, orders: postgres }));
  await deployment.synth();
  const newer = await deployment.keep('cdk.out.newer');

  const book: Book = { world, board, gone: [], kept: [] };
  await feed(book, 'under the former release');
  await disposing(book, 'the former release');
  for (const [what, assembly] of [
    ['this release is deployed over it', newer],
    ['the former one is put back', former],
    ['this release is deployed again', newer],
  ] as const) {
    await board.scenario(`${what}, and the applications go on`, async () => {
      const before = book.gone.length;
      const deploying = deployment.deployKept(assembly).then(() => 'deployed' as const);
      deploying.catch(() => {});
      const soon = () => sleep(5 * SECOND).then(() => 'not yet' as const);
      do await feed(book, `while ${what}`);
      while ((await Promise.race([deploying, soon()])) === 'not yet');
      await feed(book, `after ${what}`);
      return `${book.gone.length - before} contracts ended`;
    });
    // So that each release disposes of what the other one wrote.
    await disposing(book, `what runs after ${what}`);
  }
  await checkNothingLost(book);
  await nothingDenied(board, world.emulator);
}

/** Waits until the last contract that has ended is disposed of. */
function disposing({ world, board, gone }: Book, which: string): Promise<void> {
  return board.scenario(`${which} disposes of what is due`, async () => {
    const last = gone.findLast(({ due }) => due < Date.now() - MINUTE * 30);
    if (last === undefined) throw new TypeError('no contract has ended');
    await world.records.gone(last.it.records, Date.now() + LATEST);
    return undefined;
  });
}

interface Book {
  readonly world: World;
  readonly board: Scoreboard;
  readonly gone: { readonly it: Contract; readonly due: number }[];
  readonly kept: Contract[];
}

/** The former release does not know `bus`, and cannot restrict. */
function asFormerly(config: TenureConfig): TenureConfig {
  const producers = structuredClone(config.producers) as Record<string, { bus?: unknown }>;
  for (const producer of Object.values(producers)) delete producer.bus;
  const stores = structuredClone(config.stores) as Record<string, { options: { restrict?: unknown } }>;
  for (const { options } of Object.values(stores)) delete options.restrict;
  return {
    ...config,
    producers: producers as TenureConfig['producers'],
    stores: stores as TenureConfig['stores'],
  };
}

async function installThisRelease(app: string): Promise<void> {
  const folder = join(app, '..');
  await run('npm', ['run', 'build'], { cwd: ROOT, seconds: 600 });
  const out = await run('npm', ['pack', '--pack-destination', folder], { cwd: ROOT, seconds: 600 });
  const file = out.trim().split('\n').at(-1) ?? '';
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, file)], {
    cwd: app,
    seconds: 600,
  });
}

/**
 * Three contracts: one has ended, one will be due while the next steps are played, and of one the end is undone. The
 * applications repeat what is not accepted, as they have to.
 */
async function feed({ world, gone, kept, ...book }: Book, when: string): Promise<void> {
  const name = when.replaceAll(/[^a-z]+/g, '-').slice(0, 30);
  const three = ['due', 'soon', 'kept'].map((kind) =>
    contract(`${name}-${kind}-${gone.length}`, nextNumber(), 1),
  );
  const [due, soon, undone] = three;
  if (due === undefined || soon === undefined || undone === undefined) throw new TypeError('there are three');
  for (const record of three.flatMap(({ records }) => records)) await world.records.write(record);
  const crm = world.people.client('crm');
  await repeated(() => crm.registerHoldings(three.flatMap(registrations)));
  const now = Date.now();
  const dueSoon = Math.ceil((now + 90 * SECOND) / MINUTE) * MINUTE;
  const events = [
    ended(due.id, now - DAY),
    ended(soon.id, dueSoon),
    ended(undone.id, now - DAY),
    renewed(undone.id, now),
  ];
  // The undoing event first: an application that sends it after the end, in two batches, has to expect the disposal.
  await repeated(() => crm.sendEvents(events.toReversed()));
  gone.push({ it: due, due: now - DAY }, { it: soon, due: dueSoon });
  kept.push(undone);
  book.board.step(`fed ${when}`);
}

let numbers = 0;
/** Orders have numbers. */
function nextNumber(): number {
  numbers += 1;
  return numbers;
}

interface Answer {
  readonly results: readonly { readonly status: string; readonly code?: string }[];
}

/** As an application does it: the whole batch again until each item is accepted. Every write is idempotent. */
async function repeated(call: () => Promise<Answer>): Promise<void> {
  for (const until = Date.now() + 3 * MINUTE; ; await sleep(SECOND)) {
    const told = await call().then(
      ({ results }) => results.find(({ status }) => status !== 'accepted')?.code,
      (error: unknown) => (error instanceof Error ? error.message : 'unknown'),
    );
    if (told === undefined) return;
    if (Date.now() > until) throw new Error(`an application was not served: ${told}`);
  }
}

async function checkNothingLost({ world, board, gone, kept }: Book): Promise<void> {
  const { records, people, emulator } = world;
  const all = gone.flatMap(({ it }) => it.records);
  await board.scenario('everything that was due is gone', async () => {
    await records.gone(all, Date.now() + LATEST);
    return `${all.length} records of ${gone.length} contracts`;
  });
  await board.scenario('nothing else is', async () => {
    const left = kept.flatMap((each) => each.records);
    for (const record of left)
      if (!(await records.isThere(record))) throw new Error(`${record.lane} lost ${record.key}`);
    return `${left.length} records are there`;
  });
  await board.scenario('the log has each record once, was not early, and names both releases', async () => {
    // What was disposed of last has to be sealed.
    for (const until = Date.now() + 2 * MINUTE; ; await sleep(5 * SECOND)) {
      const { entries } = await sealedLog(world);
      const results = entries.filter(({ outcome }) => outcome === 'deleted' || outcome === 'already-so');
      const holdings = new Set(results.map(({ holding }) => holding));
      if (results.length > all.length || holdings.size !== results.length)
        throw new Error(`${results.length} results of ${holdings.size} holdings`);
      if (results.length < all.length) {
        if (Date.now() > until) throw new Error(`${results.length} results, not ${all.length}`);
        continue;
      }
      for (const lane of LANES) {
        const count = results.filter(({ store }) => store === lane).length;
        if (count !== gone.length) throw new Error(`${lane} has ${count} results`);
      }
      const early = results.filter(({ acted, due }) => Date.parse(acted ?? '') < Date.parse(due ?? ''));
      if (early.length > 0) throw new Error(`${early.length} were early`);
      const software = [...new Set(results.map((entry) => entry.software))].toSorted();
      if (software.length !== 2) throw new Error(`the entries are of ${software.join(', ')}`);
      return `${entries.length} entries of ${software.join(' and ')}`;
    }
  });
  await board.scenario('nothing is in quarantine or in a dead-letter queue', async () => {
    const { items } = await people.client('operator').listQuarantine();
    if (items.length > 0) throw new Error(items.map(({ code }) => code).join(', '));
    const left = await deadLetters(emulator);
    if (left.length > 0) throw new Error(left.join(', '));
    return undefined;
  });
}
