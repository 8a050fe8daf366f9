import type { Backlog } from '../shared/ports/backlog.ts';
import type { Columns } from '../shared/ports/columns.ts';
import type { Entities } from '../shared/ports/entities.ts';
import type { Hints } from '../shared/ports/hints.ts';
import type { Holdings } from '../shared/ports/holdings.ts';
import type { Holds } from '../shared/ports/holds.ts';
import type { Marks } from '../shared/ports/marks.ts';
import type { PolicyPlans } from '../shared/ports/policy-plans.ts';
import type { Proposals } from '../shared/ports/proposals.ts';
import type { Registry } from '../shared/ports/registry.ts';
import type { Requests } from '../shared/ports/requests.ts';
import type { LogIndex, Results } from '../shared/ports/results.ts';
import type { Upkeep } from '../shared/ports/upkeep.ts';

/** A function that works on the registry, by its verb. */
export type RegistryVerb = 'api' | 'dispose' | 'ingest' | 'seal' | 'sweep';

interface Uses {
  readonly entities?: readonly (keyof Entities)[];
  readonly columns?: readonly (keyof Columns)[];
  readonly holdings?: readonly (keyof Holdings)[];
  readonly hints?: readonly (keyof Hints)[];
  readonly backlog?: readonly (keyof Backlog)[];
  readonly results?: readonly (keyof Results)[];
  readonly logIndex?: readonly (keyof LogIndex)[];
  readonly holds?: readonly (keyof Holds)[];
  readonly requests?: readonly (keyof Requests)[];
  readonly proposals?: readonly (keyof Proposals)[];
  readonly policyPlans?: readonly (keyof PolicyPlans)[];
  readonly marks?: readonly (keyof Marks)[];
  readonly upkeep?: readonly (keyof Upkeep)[];
}

/** The methods of the registry that each function calls. A test compares them with the code that is deployed. */
const USES: Readonly<Record<RegistryVerb, Uses>> = {
  ingest: {
    entities: ['putFact', 'history', 'facts', 'states', 'putState', 'putSpellings'],
    columns: ['columnEntry', 'writeColumnEntry', 'deleteColumnEntry', 'noteColumn'],
    holdings: [
      'pointers',
      'putPointers',
      'holdings',
      'readHoldings',
      'writeHoldings',
      'putTombstone',
      'tombstones',
    ],
    hints: ['putHints'],
    backlog: ['workRecords'],
    results: ['putToBeSealed', 'putFactEntries'],
    // A hold comes on the bus, too: a registry that was restored gets it from the archive, with what is parked under it.
    holds: [
      'placeWideHold',
      'releaseWideHold',
      'recordHold',
      'holdRecord',
      'recordRelease',
      'recordInFlight',
      'parked',
      'unpark',
    ],
    marks: ['markRegistered'],
    upkeep: [
      'walk',
      'putWalk',
      'setAside',
      'putHeartbeat',
      'noteBehind',
      'takeQuota',
      'putQuarantined',
      'quarantinedItem',
      'replaceQuarantined',
      'noteTry',
      'removeQuarantined',
    ],
  },
  api: {
    entities: ['history', 'facts', 'states', 'putState'],
    holdings: ['pointers', 'pointersAmong', 'holdings', 'readHoldings', 'tombstones', 'tombstonesAt'],
    backlog: ['chunk', 'chunks', 'workRecords', 'laneGuard', 'writeLaneGuard'],
    results: ['results', 'sealed', 'sealedOfDay', 'head', 'putToBeSealed', 'putActions'],
    logIndex: ['logIndexed', 'logMonths', 'logMonthsBetween', 'logPages'],
    holds: [
      'wideHolds',
      'placeWideHold',
      'releaseWideHold',
      'confirmRestored',
      'recordHold',
      'holdRecord',
      'recordRelease',
      'recordInFlight',
      'holdRecords',
      'parked',
    ],
    requests: ['putRequest', 'requests', 'listRequest', 'listedRequests'],
    proposals: ['proposal', 'putProposal', 'proposals'],
    policyPlans: ['putPolicyPlan', 'policyPlan', 'activation', 'putActivation', 'activeSet'],
    upkeep: [
      'walk',
      'restoreReplay',
      'putRestoreReplay',
      'newestCensus',
      'census',
      'censusList',
      'coverage',
      'intake',
      'takeQuota',
      'setAsides',
      'quarantined',
      'quarantinedItem',
      'removeQuarantined',
      'putNotices',
    ],
  },
  sweep: {
    entities: ['history', 'states', 'putState'],
    columns: ['columnMessages', 'deleteColumnMessages'],
    holdings: [
      'pointers',
      'scanHoldings',
      'scanAll',
      'readHoldings',
      'writeHoldings',
      'putTombstone',
      'tombstones',
    ],
    hints: ['hintsAfter', 'hasHint', 'putHints', 'cursors', 'moveCursors'],
    // A person's word about a vendor is written into the chunk that waits for it.
    backlog: [
      'putChunks',
      'writeChunk',
      'chunk',
      'chunks',
      'workRecords',
      'deleteWork',
      'laneGuard',
      'writeLaneGuard',
    ],
    // Entries without a signature are counted by the head.
    results: [
      'toBeSealed',
      'head',
      'logged',
      'putToBeSealed',
      'putActions',
      'putFactEntries',
      'putStatement',
      'statements',
    ],
    holds: [
      'wideHolds',
      'wideHold',
      'releaseWideHold',
      'holdRecord',
      'holdRecords',
      'recordRelease',
      'parked',
      'unpark',
    ],
    requests: [
      'putRequest',
      'requests',
      'listedRequests',
      'unlistRequest',
      'putExportPart',
      'exportParts',
      'exportPages',
    ],
    policyPlans: ['putPolicyPlan', 'policyPlan', 'activation', 'putActivation', 'putActiveSet', 'activeSet'],
    marks: ['markRegistered', 'noteMarksWalked', 'registeredMarks'],
    upkeep: [
      'heartbeat',
      'intake',
      'policyRun',
      'putPolicyRun',
      'restoreReplay',
      'walk',
      'putWalk',
      'putCensus',
      'census',
      'putDue',
      'due',
      'putNewestCensus',
      'newestCensus',
      'setAside',
      'setAsides',
      'takeBack',
      'quarantined',
      'coverage',
      'putNotices',
      'notices',
      'deleteNotices',
    ],
  },
  dispose: {
    entities: ['history', 'states', 'putState'],
    columns: ['columnEntry', 'columnEntries', 'writeColumnEntry', 'deleteColumnEntry', 'putColumnMessages'],
    holdings: ['readHoldings', 'writeHoldings', 'putTombstone', 'tombstones', 'pointers'],
    hints: ['putHints'],
    backlog: [
      'begin',
      'chunk',
      'writeChunk',
      'deleteChunk',
      'putWork',
      'actOn',
      'deleteWork',
      'workRecords',
      'laneGuard',
      'writeLaneGuard',
    ],
    results: ['putToBeSealed', 'putResult', 'putFactEntries', 'voidResult', 'logged'],
    holds: ['wideHolds', 'wideHold', 'holdRecord', 'park', 'unpark'],
    requests: ['requests', 'exportPart', 'exportParts', 'putExportPart', 'putExportPage'],
    marks: ['registeredMarks'],
    upkeep: ['setAside', 'putNotices', 'coverage', 'putCoverage', 'walk', 'putWalk'],
  },
  seal: {
    results: [
      'toBeSealed',
      'deleteToBeSealed',
      'results',
      'voidResult',
      'head',
      'putHead',
      'sealed',
      'sealedOfDay',
      'putSealed',
      'putResult',
      'putLogged',
      'putToBeSealed',
      'putActions',
    ],
    logIndex: [
      'logIndexed',
      'putLogIndexed',
      'logMonths',
      'logMonthsBetween',
      'putLogMonth',
      'logPages',
      'putLogPage',
    ],
    upkeep: ['walk', 'putWalk'],
  },
};

export const VERBS = ['api', 'dispose', 'ingest', 'seal', 'sweep'] as const satisfies readonly RegistryVerb[];

export function methodsOf(verb: RegistryVerb): readonly (keyof Registry)[] {
  const {
    entities = [],
    columns = [],
    holdings = [],
    hints = [],
    backlog = [],
    results = [],
    logIndex = [],
    holds = [],
    requests = [],
    proposals = [],
    policyPlans = [],
    marks = [],
    upkeep = [],
  } = USES[verb];
  return [
    ...entities,
    ...columns,
    ...holdings,
    ...hints,
    ...backlog,
    ...results,
    ...logIndex,
    ...holds,
    ...requests,
    ...proposals,
    ...policyPlans,
    ...marks,
    ...upkeep,
  ];
}
