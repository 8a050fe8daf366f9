import './loopback-names.ts';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TIMING } from './app-settings.ts';
import { disposeOfCollections } from './collections/companies.ts';
import { disposeByColumn } from './columns/customers.ts';
import { checkConformance } from './conformance.ts';
import { disposeOfRows, holdRows } from './datasets/rows-by-clock.ts';
import { reviveDeadLetter } from './dead-letters.ts';
import { killWorker, redeployService } from './disasters.ts';
import { lastLines } from './emulator.ts';
import { checkEvidence } from './evidence.ts';
import { contract, type Contract, ended, registrations, renewed } from './happenings.ts';
import { comeFromAnotherAccount } from './other-account.ts';
import { planned } from './planned.ts';
import { copyForPerson } from './people/copy.ts';
import { eraseEverywhere } from './people/erasure.ts';
import { earlier, held, holdInFlight } from './people/hold-in-flight.ts';
import { restrictObject } from './people/restricted-object.ts';
import { probeRoles } from './probes.ts';
import { LANES, type LaneName, type LaneRecord } from './records.ts';
import { refuseStrangers } from './refusals.ts';
import { scoreboard } from './scoreboard.ts';
import { checkSignedLog } from './log/signed-log.ts';
import { tellVendor } from './vendors/late-vendor.ts';
import { makeWorld, type World } from './world.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** A hint, the next full minute, the emulator's scheduler, a cold start, and a machine that is busy. */
const SOON = 4 * MINUTE;
/** Lanes whose stores are never down. */
const OTHERS = LANES.filter((lane) => lane !== 'orders');

const FILTERS = ['people', 'collections', 'datasets', 'columns', 'vendors'] as const;
/** `--only people` and so on plays only these scenarios: for people who work on one of them. */
const only = filterIn(process.argv.slice(2));
const board = scoreboard((line) => console.log(line));
const cleanup = new AsyncDisposableStack();
process.once('SIGINT', () => void cleanup.disposeAsync().finally(() => process.exit(130)));
let log = '';
let denials: () => Promise<readonly string[]> = async () => [];
try {
  const world = await makeWorld(board, cleanup);
  ({ log } = world.emulator);
  denials = () => world.emulator.denials();
  await playTimeLine(world);
} catch (error) {
  await board.scenario('the run itself', () => Promise.reject(error as Error));
} finally {
  await nothingDenied();
  if (process.env['TENURE_E2E_LOG'] === 'show') console.log(await lastLines(log, 400));
  await cleanup.disposeAsync();
}
process.exitCode = board.finish() ? 0 : 1;

async function playTimeLine(world: World): Promise<void> {
  const { people, records, postgres, vendor } = world;
  if (vendor === undefined) throw new Error('this release has a vendor');
  const crm = people.client('crm');
  if (only === 'vendors') {
    await tellVendor(world, board, vendor);
    return;
  }
  await holdRows(world, board);
  if (only === 'datasets') {
    await disposeOfRows(world, board);
    await checkSignedLog(world, board);
    return;
  }
  if (only === 'columns') {
    await disposeByColumn(world, board, { alone: true });
    return;
  }
  if (only === 'collections') {
    await disposeOfCollections(world, board);
    await checkSignedLog(world, board);
    return;
  }
  const backDated = contract('back-dated', 1, 5);
  const during = contract('during', 2, 2);
  const killed = contract('killed', 3, 4);
  const timed = contract('timed', 4, 3);
  const kept = contract('kept', 5, 2);
  const foreign = contract('foreign', 6, 1);
  const revived = contract('revived', 7, 1);
  const inFlight = held(contract('held', 9, 2));
  const erased = contract('erased', 10, 2);
  const all = [backDated, during, killed, timed, kept, foreign, revived, earlier(inFlight), erased];

  await board.scenario('an application registers its rows and writes them', async () => {
    for (const each of all.filter((one) => one !== backDated)) {
      const { results } = await crm.registerHoldings(registrations(each));
      const rejected = results.find(({ status }) => status === 'rejected');
      if (rejected !== undefined) throw new Error(`rejected: ${rejected.code}`);
    }
    for (const record of all.flatMap((each) => each.records)) await records.write(record);
    return `${all.flatMap(({ records: each }) => each).length} rows`;
  });

  const lock = await records.lockOrder(inFlight.locked.key);
  // In a minute before the one of `killed`, so that the worker that is killed is not the one that is delayed here.
  await crm.sendEvents([ended(inFlight.id, Date.now() - DAY)]);
  const playPeople = () =>
    Promise.all([
      holdInFlight(world, board, inFlight, lock),
      eraseEverywhere(world, board, erased),
      restrictObject(world, board),
      copyForPerson(world, board),
    ]);
  if (only === 'people') {
    await playPeople();
    return;
  }
  const sentAt = Date.now();
  await board.scenario('an application registers and ends a contract with the packaged command', async () => {
    const files = {
      'holdings.json': registrations(backDated),
      'events.json': [ended(backDated.id, sentAt - 400 * DAY)],
    };
    for (const [file, list] of Object.entries(files))
      await writeFile(join(world.app, file), JSON.stringify(list));
    const env = people.environmentOf('crm');
    await world.guide.run(9, { cwd: world.app, env, own: { '<ApiUrl>': people.url } });
    return undefined;
  });
  await planned(world, backDated, { status: 'due', until: Date.now() + MINUTE });
  await planned(world, earlier(inFlight), { status: 'due', until: Date.now() + MINUTE });
  // A minute after the one in which the back-dated records are swept, so that the worker does not die in their chunk.
  const killAt = minuteUp(Date.now() + TIMING.minimumHintDistance * 1000 + MINUTE);
  await crm.sendEvents([ended(killed.id, killAt), ended(kept.id, sentAt - MINUTE), renewed(kept.id, sentAt)]);
  board.step(`ends are sent: one due at ${timeOf(killAt)}, one undone`);
  await reviveDeadLetter(world, board, revived, sentAt - DAY);
  await redeployService(world, board, [ended(during.id, sentAt - DAY)]);
  const killing = killWorker(world, killed, killAt + SOON).then(async (count) => ({
    count,
    at: await records.gone(killed.records, Date.now() + SOON),
  }));
  killing.catch(() => {});
  const played = Promise.all([
    playPeople(),
    disposeOfCollections(world, board),
    disposeOfRows(world, board),
    disposeByColumn(world, board, { alone: false }),
    tellVendor(world, board, vendor),
  ]);
  await refuseStrangers(world, board, foreign.id);
  await comeFromAnotherAccount(world, board);
  await probeRoles(world, board, LANES);

  const conformance = checkConformance(world, board);
  await goneInEachLane(world, 'a back-dated end', backDated, sentAt);
  // The missing grants have been named; everything else would only wait for them.
  if ((await denials()).length > 0) return;
  await goneInEachLane(world, 'an event that had to be replayed', revived, sentAt);
  await goneInEachLane(world, 'an event sent while there was no service is not lost', during, sentAt);
  await conformance;
  await board.scenario('a worker is killed in the middle of a chunk', async () => {
    const { count, at } = await killing;
    board.timing('orders', at - killAt, 'worker killed in the middle: its lease, then the take-over');
    return `${count} process killed, every row of its chunk is gone`;
  });

  const dueAt = minuteUp(Date.now() + 65_000);
  await people.client('crm').sendEvents([ended(timed.id, dueAt)]);
  board.step(`an end is sent that makes records due at ${timeOf(dueAt)}`);
  await sleep(dueAt - Date.now() - 10_000);
  await postgres.down();
  board.step("the orders lane's database is stopped");
  await board.scenario('nothing is early', async () => {
    const there = [timed, kept, foreign].flatMap((each) => OTHERS.flatMap((lane) => ofLane(each, lane)));
    for (const record of there) {
      if (!(await records.isThere(record))) throw new Error(`${record.lane} ${record.key} is gone`);
    }
    return `ten seconds before they are due, ${there.length} records are there`;
  });
  await board.scenario('a lane whose database is down delays no other', async () => {
    await Promise.all(
      OTHERS.map(async (lane) => {
        const at = await records.gone(ofLane(timed, lane), dueAt + SOON);
        if (at < dueAt) throw new Error(`${lane} was early`);
        board.timing(lane, at - dueAt, 'due at its minute, while the orders lane was down');
      }),
    );
    return undefined;
  });
  // Until its worker has noticed.
  await sleep(5000);
  await postgres.up();
  const upAt = Date.now();
  board.step('the database is started again');
  await board.scenario('what came due while its database was down is not lost', async () => {
    const at = await records.gone(ofLane(timed, 'orders'), upAt + SOON);
    board.timing(
      'orders',
      at - dueAt,
      `due while its database was down, which was up ${seconds(upAt - dueAt)} later`,
    );
    return undefined;
  });
  await played;
  await sleep(5000);
  await checkEvidence(world, board, {
    gone: [backDated, during, killed, timed, revived, inFlight, erased],
    kept: [kept, foreign],
    killed,
  });
  await checkSignedLog(world, board);
  await board.scenario('every line of README.md’s way to a deployment was followed', async () => {
    const left = world.guide.left();
    if (left.length > 0) throw new Error(`lines ${left.join(', ')} were not`);
    return undefined;
  });
}

function filterIn(args: readonly string[]): (typeof FILTERS)[number] | undefined {
  if (args.length === 0) return undefined;
  const [flag, name] = args;
  const found = FILTERS.find((filter) => filter === name);
  if (args.length === 2 && flag === '--only' && found !== undefined) return found;
  console.error(
    `The filters are ${FILTERS.map((filter) => `\`--only ${filter}\``).join(', ')}. Without one, everything is played.`,
  );
  process.exit(2);
}

/** A function without a grant fails in its own way; here the missing grant is named. */
function nothingDenied(): Promise<void> {
  return board.scenario('no function was denied anything', async () => {
    const found = await denials();
    if (found.length > 0) throw new Error(found.join('; '));
    return undefined;
  });
}

/** Ends waiting for what can no longer happen. */
async function denied(until: number): Promise<never> {
  do {
    await sleep(1000);
    if ((await denials()).length > 0) throw new Error('a function was denied what it needs');
  } while (Date.now() < until);
  throw new Error('it took too long');
}

async function goneInEachLane({ records }: World, what: string, it: Contract, due: number): Promise<void> {
  await board.scenario(what, async () => {
    await Promise.all(
      LANES.map(async (lane) => {
        const at = await Promise.race([
          records.gone(ofLane(it, lane), Date.now() + SOON),
          denied(Date.now() + SOON),
        ]);
        board.timing(lane, at - due, what);
      }),
    );
    return undefined;
  });
}

function ofLane({ records }: Contract, lane: LaneName): readonly LaneRecord[] {
  return records.filter((record) => record.lane === lane);
}

function minuteUp(instant: number): number {
  return Math.ceil(instant / MINUTE) * MINUTE;
}

function timeOf(instant: number): string {
  return new Date(instant).toISOString().slice(11, 19);
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`;
}
