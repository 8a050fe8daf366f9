import { datasetNamed } from '../domain/datasets/datasets-of.ts';
import { codeOf } from '../domain/error-code.ts';
import { present } from '../domain/present.ts';
import type { Instant } from '../domain/record/ids.ts';
import type { Chunk } from '../domain/record/work.ts';
import type { Archive } from '../ports/archive.ts';
import type { TooLong } from '../ports/report.ts';
import type { Intake } from '../ports/upkeep.ts';
import { unreadColumns } from './columns/unread-columns.ts';
import type { Core } from './core.ts';
import { isPauseOf } from './lane/begin.ts';
import { unsignedFor } from './log/signed-until.ts';
import { seconds } from './seconds.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** What waits and has less time left than this is at risk. */
const RISK = 12 * HOUR;
/** The hourly sweep asks for a run of `seal`: the third one that leaves results or entries behind is a fault. */
const SEAL_LAG = 3 * HOUR;
/** A heartbeat is sent every hour, and folded within seconds. */
const SILENCE = 2 * HOUR;

/**
 * Since when rows of the chunk's dataset wait, if that is too long: for a day, and not because a long pass goes on. A
 * dataset that is not configured any more has none; its chunk is deleted by the lane.
 */
export function rowsWaitSince(
  core: Pick<Core, 'configuration'>,
  { lane, dataset, since, failures, waits, notBefore }: Chunk,
  now: Instant,
): Instant | undefined {
  if (dataset === undefined || since === undefined || now - since <= DAY) return undefined;
  if (datasetNamed(core.configuration, lane, dataset) === undefined) return undefined;
  const isGoingOn =
    failures === 0 && waits === undefined && notBefore !== undefined && now - notBefore <= stallAfter(core);
  return isGoingOn ? undefined : since;
}

/** How late a lane is: holdings in chunks that wait, by what is wrong with them, and since when. */
export interface Lateness {
  overdue: number;
  oldest: Instant;
  atRisk: number;
  /** Chunks, not holdings: none of them was worked on for too long. */
  stalled: number;
  stalledSince: Instant;
  /** Datasets with rows that have waited for too long. */
  datasets: number;
  datasetsSince: Instant;
  /** Records that a vendor was asked to dispose of long ago, and has not said so. */
  vendors: number;
}

export function onTime(now: Instant): Lateness {
  return {
    overdue: 0,
    oldest: now,
    atRisk: 0,
    stalled: 0,
    stalledSince: now,
    datasets: 0,
    datasetsSince: now,
    vendors: 0,
  };
}

/**
 * Counts in a chunk that waits: it could be worked on, and no worker has it. A new one was made by this very run, however
 * old its minute is.
 */
export function addLateness(
  core: Pick<Core, 'configuration'>,
  lateness: Lateness,
  chunk: Chunk,
  { now, isNew }: { readonly now: Instant; readonly isNew: boolean },
): void {
  const { deadline = Infinity, minute, since: asked = minute, notBefore = 0, refs, waits = [] } = chunk;
  for (const { code, count } of waits) if (code === 'VENDOR_OVERDUE') lateness.vendors += count;
  const rowsSince = rowsWaitSince(core, chunk, now);
  if (rowsSince !== undefined) {
    lateness.datasets += 1;
    lateness.datasetsSince = Math.min(lateness.datasetsSince, rowsSince);
  }
  if (deadline < now) {
    lateness.overdue += refs.length;
    lateness.oldest = Math.min(lateness.oldest, deadline);
  } else if (deadline < now + RISK) lateness.atRisk += refs.length;
  const since = Math.max(asked, notBefore);
  if (isNew || now - since <= stallAfter(core)) return;
  lateness.stalled += 1;
  lateness.stalledSince = Math.min(lateness.stalledSince, since);
}

/** A chunk that waits for a worker that died is rung after a lease. That is not a stall. */
function stallAfter({ configuration }: Pick<Core, 'configuration'>): number {
  return Math.max(HOUR, 3 * seconds(configuration.timing.lease));
}

/** What waits too long, in one lane or in the deployment. */
export interface Finding {
  readonly code: TooLong;
  readonly store?: string;
  readonly producer?: string;
  readonly count: number;
  /** How long the oldest has waited, or is late. */
  readonly seconds?: number;
}

/** How long the oldest deadline of what waits has passed. A lane without any says 0. */
export function reportLateness(core: Core, store: string, lateness: Lateness): readonly Finding[] {
  const { overdue, oldest, atRisk, stalled, stalledSince, datasets, datasetsSince, vendors } = lateness;
  const late = secondsSince(core, oldest);
  core.report('sweep.overdue', { store, count: overdue, seconds: overdue === 0 ? 0 : late });
  core.report('sweep.at-risk', { store, count: atRisk });
  const all: readonly Finding[] = [
    { code: 'overdue', store, count: overdue, seconds: late },
    { code: 'deadline-at-risk', store, count: atRisk },
    { code: 'lane-stalled', store, count: stalled, seconds: secondsSince(core, stalledSince) },
    { code: 'dataset-late', store, count: datasets, seconds: secondsSince(core, datasetsSince) },
    { code: 'vendor-overdue', store, count: vendors },
  ];
  return all.filter(({ count }) => count > 0);
}

/** What the hourly sweep says: what it has found, and what it now looks for. `intake`: from before its own heartbeat. */
export async function reportTooLong(core: Core, found: readonly Finding[], intake: Intake): Promise<void> {
  const findings = [
    ...(await unlessPaused(core, found)),
    ...(await sealLags(core)),
    ...ingestIsSilent(core, intake.heartbeat),
    ...producersBehind(core, intake.behind),
    ...unreadColumns(core, intake.columns),
  ];
  for (const { code, store, producer, count, seconds: lasting } of findings)
    core.report('sweep.waiting-too-long', { code, count, ...present({ store, producer, seconds: lasting }) });
}

/**
 * A paused lane works on nothing, as it should, and no lane does while policies wait. What is late in it is late all the
 * same.
 */
async function unlessPaused(core: Core, all: readonly Finding[]): Promise<readonly Finding[]> {
  const isWaiting = all.some(({ code }) => code === 'policies-waiting');
  const findings = isWaiting ? all.filter(({ code }) => code !== 'lane-stalled') : all;
  if (findings.every(({ code }) => code !== 'lane-stalled')) return findings;
  const holds = await core.registry.wideHolds();
  return findings.filter(
    ({ code, store = '' }) => code !== 'lane-stalled' || !holds.some((hold) => isPauseOf(hold, store)),
  );
}

/** The oldest results that wait for their place in the log; if there are none, entries that no checkpoint has, or no witness. */
async function sealLags(core: Core): Promise<readonly Finding[]> {
  const now = core.clock.now();
  const { items } = await core.registry.toBeSealed();
  const late = items.filter(({ putAt }) => now - putAt > SEAL_LAG);
  const oldest = Math.min(...late.map(({ putAt }) => putAt));
  const found =
    late.length > 0
      ? ({ code: 'seal-lag', count: late.length, since: oldest } as const)
      : await unsignedFor(core, SEAL_LAG);
  if (found === undefined) return [];
  return [{ code: found.code, count: found.count, seconds: secondsSince(core, found.since) }];
}

/** Not even the heartbeat of the last hours came through bus, queue and `ingest`. Before the first one it is not known. */
function ingestIsSilent(core: Core, heartbeat: Instant | undefined): readonly Finding[] {
  if (heartbeat === undefined || core.clock.now() - heartbeat <= SILENCE) return [];
  return [{ code: 'ingest-stalled', count: 1, seconds: secondsSince(core, heartbeat) }];
}

/** Once a day. If the archive cannot be looked at, that is said, and the rest of the census goes on. */
export async function reportArchive(
  { clock, report }: Pick<Core, 'clock' | 'report'>,
  archive: Archive,
): Promise<void> {
  try {
    const state = await archive.state(clock.now());
    if (state === 'stopped') report('sweep.waiting-too-long', { code: 'archive-stopped', count: 1 });
  } catch (error) {
    report('sweep.failed', { code: codeOf(error) });
  }
}

/** Their chunks stand still, because messages of theirs wait. */
function producersBehind(core: Core, behind: Intake['behind']): readonly Finding[] {
  const now = core.clock.now();
  return [...behind].flatMap(([producer, until]) =>
    now < until ? [{ code: 'producer-behind', producer, count: 1 }] : [],
  );
}

function secondsSince(core: Pick<Core, 'clock'>, instant: Instant): number {
  return Math.floor((core.clock.now() - instant) / 1000);
}
