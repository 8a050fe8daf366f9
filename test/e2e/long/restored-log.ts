import { setTimeout as sleep } from 'node:timers/promises';
import { ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { pagesOf } from '../../../shared/client/client.ts';
import { REGION, ROOT_KEY } from '../emulator.ts';
import { sealedLog } from '../evidence.ts';
import type { Contract } from '../happenings.ts';
import { MARKER } from '../records.ts';
import type { World } from '../world.ts';
import type { Book } from './restore-story.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 86_400_000;

type SealedEntry = Awaited<ReturnType<typeof sealedLog>>['entries'][number];

/** Every entry as it was written, in order. `sealedLog` refuses a log with a gap. */
export async function logNow(world: World): Promise<readonly string[]> {
  return (await sealedLog(world)).text.split('\n').filter(Boolean);
}

/** Waits until the log has a result for each record of these contracts. */
export async function isSealed(world: World, contracts: readonly Contract[]): Promise<void> {
  const expected = contracts.flatMap(({ records }) => records).length;
  for (const until = Date.now() + 3 * MINUTE; ; await sleep(2 * SECOND)) {
    const found = resultsOf((await sealedLog(world)).entries).length;
    if (found >= expected) return;
    if (Date.now() > until) throw new Error(`the log has ${found} results, not ${expected}`);
  }
}

/** The lanes that operators paused since then and did not resume; empty for all lanes. As `tenure log list` says it. */
export async function pausedSince({ people }: World, since: number): Promise<readonly string[]> {
  const auditor = people.client('auditor');
  const period = {
    from: new Date(since - DAY).toISOString(),
    to: new Date(Date.now() + DAY).toISOString(),
  };
  const asked: { at: number; did: string; lane: string }[] = [];
  for await (const { actions } of pagesOf((cursor) => auditor.queryLog({ ...period, ...cursor })))
    for (const { index, action } of actions)
      if (index !== undefined && (action.did === 'pause' || action.did === 'resume'))
        asked.push({ at: Date.parse(action.at), did: action.did, lane: action.lane ?? '' });
  const paused = new Set<string>();
  for (const { at, did, lane } of asked.toSorted((one, other) => one.at - other.at)) {
    if (at < since) continue;
    if (did === 'pause') paused.add(lane);
    if (did === 'resume') paused.delete(lane);
  }
  return [...paused];
}

/** What was there before is still there, nothing has two results, and no name was written twice. */
export async function checkLog({ world, board, told }: Book, before: readonly string[]): Promise<void> {
  await board.scenario('the log has no gap and goes on from what it had', async () => {
    const after = await logNow(world);
    for (const [index, line] of before.entries())
      if (after[index] !== line) throw new Error(`entry ${index} is another one`);
    const client = new S3Client({ endpoint: world.emulator.endpoint, region: REGION, credentials: ROOT_KEY });
    const { Versions = [], DeleteMarkers = [] } = await client.send(
      new ListObjectVersionsCommand({ Bucket: world.logBucket, Prefix: 'entries/' }),
    );
    client.destroy();
    const names = new Set(Versions.map(({ Key }) => Key));
    if (names.size !== Versions.length || DeleteMarkers.length > 0)
      throw new Error(`${Versions.length} versions of ${names.size} objects`);
    return `${before.length} entries before, ${after.length} after, ${names.size} objects`;
  });
  await board.scenario('the log has one result for each record, none of them early', async () => {
    const { entries, text } = await sealedLog(world);
    if (text.includes(MARKER)) throw new Error('an object names a person');
    const results = resultsOf(entries);
    const all = [...told.early, ...told.forgotten, ...told.due].flatMap(({ records }) => records);
    const holdings = new Set(results.map(({ holding }) => holding));
    if (results.length !== all.length || holdings.size !== all.length)
      throw new Error(`${results.length} results of ${holdings.size} holdings, not ${all.length}`);
    const other = results.filter(({ outcome }) => outcome !== 'deleted');
    if (other.length > 0) throw new Error(`${other.length} results are not \`deleted\``);
    const early = results.filter(({ acted, due }) => Date.parse(acted ?? '') < Date.parse(due ?? ''));
    if (early.length > 0) throw new Error(`${early.length} were early`);
    return `${results.length} results`;
  });
}

/**
 * What the API says of every record of these contracts. A record that was registered within the write lag before it was
 * disposed of has a next generation, too, which is looked at once more when the lag is over.
 */
export async function disposedOf(
  { people }: World,
  contracts: readonly Contract[],
  expected: 'disposed' | 'active',
): Promise<void> {
  for (const { id, records } of contracts) {
    const entity = { type: 'contract', id, producer: 'crm' };
    const { holdings } = await people.client('auditor').querySubject({ entity });
    const states = holdings.map(({ state }) => state);
    const found = states.filter((state) => state === expected).length;
    const isOther = expected === 'active' && states.length !== records.length;
    if (found !== records.length || isOther)
      throw new Error(`${id.replace(MARKER, '')} is ${states.join(', ')}, not ${expected}`);
  }
}

function resultsOf(entries: readonly SealedEntry[]): readonly SealedEntry[] {
  return entries.filter(({ outcome }) => outcome === 'deleted' || outcome === 'already-so');
}
