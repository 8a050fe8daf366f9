import type { ColumnMark } from '../domain/columns/column-mark.ts';
import type { Coverage } from '../domain/coverage/coverage-report.ts';
import type { ForecastSeries } from '../domain/forecast/forecast.ts';
import type { Tally } from '../domain/policy-plan/tally.ts';
import type { ReplayTally } from '../domain/replay/replay-tally.ts';
import type { EntityRef, HoldingRef, Instant } from '../domain/record/ids.ts';
import type { DueState } from '../domain/record/entry.ts';
import type { Notice } from '../domain/record/notice.ts';
import type { Page } from './page.ts';

/** Where a long walk is: a fan-out, or a segment of a re-plan or census. Written on its version. */
export interface Walk {
  readonly id: string;
  /** 0 where nothing is stored. */
  readonly version: number;
  readonly at: Instant;
  /** Who walks now, and until when all others have to wait. */
  readonly leasedUntil?: Instant;
  readonly entity?: EntityRef;
  readonly after?: string;
  /** Of a fan-out: stages carried out from then on may have been carried out before the fact. */
  readonly since?: Instant;
  readonly done?: boolean;
  readonly count?: number;
  /** What the walk has found so far, if it counts: it moves with the walk, so no page counts twice. */
  readonly found?: Tally;
  /** The same of a walk of a replay. */
  readonly replayed?: ReplayTally;
  /** A walk that is not needed for good is deleted after this time. */
  readonly expires?: Instant;
}

/** What a policy version, the planner or the time-zone database made of all plans. */
export interface PolicyRun {
  readonly digest: string;
  readonly recordedAt: Instant;
  /** Digest of each policy in effect, by its name; absent in what an older release wrote. */
  readonly policies?: Readonly<Record<string, string>>;
}

/** A holding that cannot be handled: sealed locator that does not open, item too large, plan that throws. */
export interface SetAside {
  readonly store: string;
  readonly holding: HoldingRef;
  readonly code: string;
  readonly at: Instant;
}

/** A count of a census: store × policy × status × reason. Of entities: policy × reason × type, without a store. */
export interface CensusCount {
  readonly store: string;
  readonly policy: string;
  readonly status: string;
  readonly reason: string;
  /** The type of the entities. */
  readonly code?: string;
  /** The teams that own the holdings' categories. */
  readonly owner?: string;
  readonly count: number;
  /** The oldest registration, or first event, among them. */
  readonly oldest: Instant;
}

/** What a census says of one page of its walk. */
export interface CensusPage {
  readonly run: string;
  /** Names the page within the run. */
  readonly page: string;
  readonly at: Instant;
  readonly counts: readonly CensusCount[];
  /** The holdings that need a person, by reason. */
  readonly listed: ReadonlyMap<string, readonly HoldingRef[]>;
  /** What goes when. */
  readonly forecast?: readonly ForecastSeries[];
  /** The next page of the run belongs to this one. */
  readonly more?: true;
}

/** A stored page of a census, without its lists. */
export interface CensusPart {
  readonly page: string;
  /** Absent in what a former release wrote. */
  readonly at?: Instant;
  readonly counts: readonly CensusCount[];
  readonly forecast: readonly ForecastSeries[];
  readonly more?: true;
}

/** One generation of a holding that was due in the days that a census states. */
export interface DueHolding {
  readonly ref: HoldingRef;
  readonly generation: number;
  /** When this generation was registered: says which key of the log its reference has. */
  readonly year: number;
  readonly state: DueState;
}

/** All of them on one page of a census. */
export interface DuePage {
  readonly run: string;
  readonly page: string;
  readonly at: Instant;
  readonly due: readonly DueHolding[];
}

/** What could not be processed; the body is sealed. Kept until an operator settles it. */
export interface Quarantined {
  readonly id: string;
  readonly receivedAt: Instant;
  /** When it was last tried again by itself. */
  readonly triedAt?: Instant;
  readonly code: string;
  readonly reason: string;
  readonly producer?: string;
  readonly sealed: string;
  /** Only its beginning is kept, because it is too large. It cannot be processed again. */
  readonly cut?: Cut;
}

export interface Cut {
  /** How large the message was. */
  readonly bytes: number;
  /** The id that the bus gave it. */
  readonly busId?: string;
}

/** What `ingest` has noted of what it processes: read together. */
export interface Intake {
  readonly heartbeat?: Instant;
  /** Until when each producer counts as behind, or did. */
  readonly behind: ReadonlyMap<string, Instant>;
  /** How far each column of facts was read, by its name. */
  readonly columns?: ReadonlyMap<string, ColumnMark>;
}

/** That a replay was begun: its id says all that was asked. */
export interface BegunReplay {
  readonly id: string;
  readonly version: number;
  readonly at: Instant;
  /** Its latest count of what the lane has found. Absent before the first one. */
  readonly round?: { readonly number: number; readonly at: Instant };
}

export interface Replays {
  /** On `next.version - 1`. It goes 35 days after its `at`. */
  putRestoreReplay(next: BegunReplay): Promise<'written' | 'moved'>;
  restoreReplay(id: string): Promise<BegunReplay | undefined>;
}

/** Marks, walks and lists that keep Tenure itself in order. */
export interface Upkeep extends Replays {
  /** The newest `sent` of a heartbeat that was folded. Only forwards. */
  putHeartbeat(sent: Instant): Promise<void>;
  heartbeat(): Promise<Instant | undefined>;
  /**
   * Messages of this producer wait, so its facts may be old: its chunks stand still until then. Only forwards. `new`: it
   * did not count as behind now.
   */
  noteBehind(
    producer: string,
    times: { readonly now: Instant; readonly until: Instant },
  ): Promise<'new' | 'known'>;
  intake(): Promise<Intake>;
  /** Takes all of these items from the producer's quota of the hour, or none. A lost answer leaves less for later. */
  takeQuota(
    producer: string,
    items: number,
    quota: { readonly hour: Instant; readonly most: number },
  ): Promise<'taken' | 'over'>;

  walk(id: string): Promise<Walk>;
  /** On `next.version - 1`. */
  putWalk(next: Walk): Promise<'written' | 'moved'>;
  deleteWalk(id: string): Promise<void>;

  policyRun(): Promise<PolicyRun | undefined>;
  /** On the digest read (`former`). */
  putPolicyRun(next: PolicyRun, former?: string): Promise<'written' | 'moved'>;

  setAside(item: SetAside): Promise<void>;
  /** At most 100 a page. */
  setAsides(store: string, after?: string): Promise<Page<SetAside>>;
  takeBack(item: Pick<SetAside, 'store' | 'holding'>): Promise<void>;

  /** A page that comes again replaces its own counts and lists. Kept for weeks. */
  putCensus(page: CensusPage): Promise<void>;
  /** The pages of a run in order of their names, at a time those that fit in 1 MB. */
  census(run: string, after?: string): Promise<Page<CensusPart>>;
  /** What one page of the census after another listed for a reason. */
  censusList(run: string, reason: string, after?: string): Promise<Page<HoldingRef>>;
  /** A page that comes again replaces what it said before. Kept for weeks. */
  putDue(page: DuePage): Promise<void>;
  /** What one page of the run after another said. */
  due(run: string, after?: string): Promise<Page<DueHolding>>;
  /** The newest census that ended, by its id. Only forwards. */
  putNewestCensus(id: string): Promise<void>;
  newestCensus(): Promise<string | undefined>;

  /** Of a store's newest survey. */
  coverage(store: string): Promise<Coverage | undefined>;
  /** The last one counts. Kept for weeks. */
  putCoverage(store: string, coverage: Coverage): Promise<void>;

  /** What applications are to be told. A notice of the same id is the same one: putting it again changes nothing. */
  putNotices(notices: readonly Notice[]): Promise<void>;
  /** At most 100 a page. `damaged`: that number of others are on it, which cannot be read and stop no other. */
  notices(after?: string): Promise<Page<Notice> & { readonly damaged: number }>;
  deleteNotices(ids: readonly string[]): Promise<void>;

  putQuarantined(item: Quarantined): Promise<void>;
  quarantined(after?: string): Promise<Page<Quarantined>>;
  quarantinedItem(id: string): Promise<Quarantined | undefined>;
  /** What is settled already does not come back. */
  replaceQuarantined(item: Quarantined): Promise<'replaced' | 'unknown'>;
  /** Notes that it is tried again now. */
  noteTry(id: string, at: Instant): Promise<'noted' | 'unknown'>;
  removeQuarantined(id: string): Promise<'removed' | 'unknown'>;
}
