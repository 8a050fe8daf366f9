import { setTimeout as sleep } from 'node:timers/promises';
import { ClientError } from '../../../shared/client/client-error.ts';
import type { LanesAnswer } from '../../../shared/contract/operations.ts';
import { appSettings, DEPLOYMENT } from '../app-settings.ts';
import { outputOf } from '../people.ts';
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
import { type Chapter, nothingDenied } from './chapter.ts';
import { deadLetters } from './dead-letters-left.ts';
import { addToStory, type Book, story, type Story } from './restore-story.ts';
import { restoreSteps, type RestoreSteps } from './restore-steps.ts';
import { checkLog, disposedOf, isSealed, logNow, pausedSince } from './restored-log.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const LATEST = 5 * MINUTE;
const MORE_LANES = LANES.filter((lane) => lane !== 'pictures');

/**
 * The table is restored under a new name, the deployment goes on with the former one for a while, and then adopts the
 * restored one as docs/runbooks/restore.md says. The restored table has to learn everything that it does not know.
 */
export const playRestore: Chapter = async (board, cleanup) => {
  const prepared = await prepareWorld(board, cleanup);
  const world = await openWorld(prepared, board, await prepared.deployment.deploy());
  const steps = restoreSteps(world, cleanup);
  const told = story();
  const book: Book = { world, board, told };

  await addToStory.before(book);
  await gone(book, 'what is due before the restore point is disposed of', told.early);
  await isSealed(world, told.early);
  const restoredAt = Date.now();
  const table = `${world.registryTable}-restored-1`;
  await addToStory.justBefore(book);
  await steps.restore(world.registryTable, table);
  board.step('the table is restored under a new name');

  await addToStory.after(book);
  await gone(
    book,
    'the former table goes on: what ends after the restore point is disposed of',
    told.forgotten,
  );
  await isSealed(world, [...told.early, ...told.forgotten]);
  const operator = world.people.client('operator');
  await operator.pause('pictures');
  await operator.pause();
  await addToStory.whilePaused(book);
  await steps.wake('SealQueue');
  await board.scenario('the pauses are in the log before the former table is left', async () => {
    for (const until = Date.now() + LATEST; ; await sleep(2 * SECOND)) {
      if ((await pausedSince(world, restoredAt)).includes('pictures')) return undefined;
      if (Date.now() > until) throw new Error('the log does not have them');
    }
  });
  const before = await logNow(world);

  await adopt(book, steps, table);
  await learnTheLog(book, steps);
  await replayTheArchive(book, { steps, restoredAt });
  await letGo(book, restoredAt);
  await checkTheEnd(book, before);
  await nothingDenied(board, world.emulator);
};

async function adopt({ world, board, told }: Book, steps: RestoreSteps, table: string): Promise<void> {
  const { deployment, postgres, ordersLogin, app, people } = world;
  const places = { membersTable: MEMBERS_TABLE, picturesBucket: PICTURES_BUCKET, ordersLogin };
  const former = appSettings({ ...places, orders: postgres });
  await writeSettings(app, { ...former, deployment: { ...former.deployment, registry: { adopt: table } } });
  await deployment.synth();
  const outputs = await deployment.deploy();
  await board.scenario('the restored table is adopted', async () => {
    const used = outputOf(outputs[`${DEPLOYMENT}-state`] ?? {}, 'RegistryTableName');
    if (used !== table) throw new Error(`the output names ${used}`);
    const found = await steps.protection(table);
    const { deletionProtection, timeToLive, ttlAttribute, recovery } = found;
    const isOn = deletionProtection === true && timeToLive === 'ENABLED' && recovery === 'ENABLED';
    if (!isOn || ttlAttribute !== 'ttl') throw new Error(JSON.stringify(found));
    return 'time to live, point-in-time recovery and deletion protection are on';
  });
  await board.scenario('every lane waits for a person', async () => {
    const { lanes, restore } = await people.client('auditor').listLanes();
    for (const { lane, pauses } of lanes)
      if (!pauses.some(({ code }) => code === 'RESTORED')) throw new Error(`${lane} does not wait`);
    return `missing: ${restore?.missing.join(', ')}`;
  });
  await refusedToResume(world, board, 'log');
  await keptSoFar({ world, board, told }, 'after the adoption');
}

/** Step 4 of the runbook. */
async function learnTheLog({ world, board }: Book, steps: RestoreSteps): Promise<void> {
  await board.scenario('the log and the holdings are compared', async () => {
    const found = await lanesUntil(
      world,
      ({ missing }) => !missing.includes('log') && !missing.includes('disposed'),
      async ({ missing }) => steps.wake(missing.includes('log') ? 'SealQueue' : 'SweepQueue'),
    );
    return `${found.holdings} holdings; missing: ${found.missing.join(', ')}`;
  });
  await refusedToResume(world, board, 'replay');
}

async function replayTheArchive(
  { world, board, told }: Book,
  { steps, restoredAt }: { readonly steps: RestoreSteps; readonly restoredAt: number },
): Promise<void> {
  await board.scenario('the archive is replayed up to the adoption', async () => {
    const { rules } = await steps.replay('restore-1', restoredAt);
    if (rules < 5) throw new Error(`it went to ${rules} rules`);
    const found = await lanesUntil(world, ({ missing }) => missing.length === 0);
    return `to ${rules} rules, until ${found.replayedUntil}`;
  });
  await board.scenario('what is due waits for as long as nobody resumes', async () => {
    const latest = Math.max(...told.dueAt.values());
    await sleep(Math.max(0, latest + 70 * SECOND - Date.now()));
    return undefined;
  });
  await keptSoFar({ world, board, told }, 'more than a minute after they are due');
}

/** Steps 6 to 8: the pause of the one lane is known from the log alone. */
async function letGo({ world, board, told }: Book, restoredAt: number): Promise<void> {
  const operator = world.people.client('operator');
  await board.scenario('the log says which lane an operator had paused', async () => {
    const paused = await pausedSince(world, restoredAt);
    if (!paused.includes('pictures')) throw new Error(`it says ${paused.join(', ') || 'none'}`);
    for (const lane of paused) if (lane !== '') await operator.pause(lane);
    return paused.filter(Boolean).join(', ');
  });
  await board.scenario('all lanes are resumed, and what is due goes, except in the paused lane', async () => {
    const answer = await operator.resume();
    if (!('lanes' in answer)) throw new Error('it was only proposed');
    const running = answer.lanes.filter(({ state }) => state === 'running').map(({ lane }) => lane);
    if (running.toSorted().join() !== MORE_LANES.join()) throw new Error(`running: ${running.join(', ')}`);
    const due = recordsOf(told.due);
    const others = due.filter(({ lane }) => lane !== 'pictures');
    await world.records.gone(others, Date.now() + LATEST);
    const paused = due.filter(({ lane }) => lane === 'pictures');
    for (const record of paused)
      if (!(await world.records.isThere(record))) throw new Error(`${record.key} is gone`);
    return `${others.length} records are gone, ${paused.length} wait`;
  });
  await board.scenario('the paused lane is resumed', async () => {
    await operator.resume('pictures');
    const all = recordsOf(told.due);
    await world.records.gone(all, Date.now() + LATEST);
    return `${all.length} records are gone`;
  });
}

async function checkTheEnd(book: Book, before: readonly string[]): Promise<void> {
  const { world, board, told } = book;
  const { early, forgotten, due } = told;
  await isSealed(world, [...early, ...forgotten, ...due]);
  await checkLog(book, before);
  await board.scenario('what was disposed of is a tombstone, what was undone stays', async () => {
    await disposedOf(world, [...early, ...forgotten, ...due], 'disposed');
    await disposedOf(world, [...told.kept, ...told.lateKept], 'active');
    return undefined;
  });
  await board.scenario('nothing is in quarantine or in a dead-letter queue', async () => {
    const { items } = await world.people.client('operator').listQuarantine();
    if (items.length > 0) throw new Error(items.map(({ code }) => code).join(', '));
    const left = await deadLetters(world.emulator);
    if (left.length > 0) throw new Error(left.join(', '));
    return undefined;
  });
  const counts = [
    `${recordsOf(early).length} records disposed of before the restore point`,
    `${recordsOf(forgotten).length} after it and known from the log`,
    `${recordsOf(due).length} after the replay`,
    `${recordsOf([...told.kept, ...told.lateKept]).length} kept`,
  ];
  board.step(`restore played: ${counts.join(', ')}`);
}

/** Nothing that is still to be disposed of, or kept, may be touched while the lanes wait. */
async function keptSoFar({ world, board, told }: Book, when: string): Promise<void> {
  await board.scenario(`nothing is touched ${when}`, async () => {
    const all = recordsOf([...told.due, ...told.kept, ...told.lateKept]);
    for (const record of all)
      if (!(await world.records.isThere(record))) throw new Error(`${record.lane} lost ${record.key}`);
    return `${all.length} records are there`;
  });
}

async function refusedToResume(world: World, board: Scoreboard, missing: 'log' | 'replay'): Promise<void> {
  await board.scenario(`resuming is refused while the ${missing} is missing`, async () => {
    const answer = await world.people
      .client('operator')
      .resume()
      .then(
        () => 'done',
        (error: unknown) =>
          error instanceof ClientError ? `${error.status} ${error.code}: ${error.message}` : 'unknown',
      );
    const [code = ''] = answer.split(':');
    board.refused('an operator resumes too soon', code, ['409 RESTORE_INCOMPLETE']);
    const word = missing === 'log' ? 'deletion log' : 'archive';
    if (!answer.includes(word)) throw new Error(answer);
    return answer;
  });
}

type Restore = NonNullable<LanesAnswer['restore']>;

async function lanesUntil(
  { people }: World,
  isThere: (restore: Restore) => boolean,
  meanwhile: (restore: Restore) => Promise<void> = async () => {},
): Promise<Restore> {
  for (const until = Date.now() + LATEST; ; await sleep(10 * SECOND)) {
    const { restore } = await people.client('auditor').listLanes();
    if (restore === undefined) throw new Error('the lanes do not wait for a restore');
    if (isThere(restore)) return restore;
    if (Date.now() > until) throw new Error(`missing: ${restore.missing.join(', ')}`);
    await meanwhile(restore);
  }
}

async function gone({ world, board }: Book, what: string, contracts: Story['due']): Promise<void> {
  await board.scenario(what, async () => {
    const records = recordsOf(contracts);
    await world.records.gone(records, Date.now() + LATEST);
    return `${records.length} records`;
  });
}

function recordsOf(contracts: Story['due']) {
  return contracts.flatMap(({ records }) => records);
}
