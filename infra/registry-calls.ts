import type { Registry } from '../shared/ports/registry.ts';

/**
 * Kinds of items in the registry's table, by their partition key. `*` stands for any text, as it does in IAM. Items of
 * one partition cannot be told apart by a permission.
 */
export const FAMILIES = {
  /** A holding, and the tombstones of its earlier generations. */
  holding: 'H#*',
  /** Facts of an entity, their fold, and the pointers to its holdings. */
  entity: 'E#*',
  wideHold: 'L#all',
  /** Records of all legal holds. */
  holdRecord: 'J#holds',
  hint: 'B#*',
  cursor: 'S#*',
  chunk: 'K#*',
  work: 'W#*',
  /** What a lane has taken of its limits. */
  allowance: 'U#*',
  quota: 'X#*',
  result: 'R#*',
  /** What operators asked for. */
  action: 'O#*',
  /** What late and changed facts did. */
  factEntry: 'V#*',
  /** What was due. */
  statement: 'ST#*',
  sealed: 'I#*',
  /** What filters of the log read: its months and days. */
  logIndex: 'IX#*',
  /** What the log says was done, of a table that was restored. */
  logged: 'G#*',
  toBeSealed: 'Y#',
  parked: 'P#*',
  setAside: 'A#*',
  heartbeat: 'M#heartbeat',
  logHead: 'M#log',
  policyRun: 'M#policies',
  newestCensus: 'M#census',
  /** Which stores have records that are registered on their own. */
  registeredMark: 'M#registered',
  /** By which policies lanes dispose of records, and these policies. */
  activation: 'M#activation',
  policyPlan: 'PP#*',
  /** What of a restored store is there again: that it was asked. */
  replay: 'RR#*',
  walk: 'C#*',
  census: 'N#*',
  /** What the newest survey of each store found. */
  coverage: 'CO#*',
  quarantined: 'Q#all',
  /** Requests of people, and the list of those that are open. */
  request: 'Z#*',
  /** What operators proposed, where that needs two people. */
  proposal: 'PR#',
  /** Parts of exports, by store and export. */
  exportPart: 'F#*',
  /** What was taken from columns as facts. */
  columnEntry: 'FC#*',
  /** What `ingest` is to be told of columns. */
  columnMessage: 'FQ#*',
  /** What applications are to be told. */
  notice: 'T#',
} as const;
export type Family = keyof typeof FAMILIES;

/**
 * IAM's actions on items for which a request names its partition keys (`dynamodb:LeadingKeys`): all of a batch together,
 * and each PartiQL statement of a batch by itself, by the action of its verb. `Scan` names none.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_dynamodb.html
 */
export const ITEM_ACTIONS = [
  'BatchGetItem',
  'BatchWriteItem',
  'DeleteItem',
  'GetItem',
  'PartiQLInsert',
  'PartiQLUpdate',
  'PutItem',
  'Query',
  'UpdateItem',
] as const;
export type ItemAction = (typeof ITEM_ACTIONS)[number];

export interface Call {
  readonly family: Family;
  readonly actions: readonly ItemAction[];
}

const on = (family: Family, ...actions: readonly ItemAction[]): Call => ({ family, actions });

// A conditional write whose answer was lost is compared with what is stored: it needs to read the item, too.
const put = (family: Family): Call => on(family, 'PutItem', 'GetItem');
const remove = (family: Family): Call => on(family, 'DeleteItem', 'GetItem');
const insertEach = (family: Family): Call => on(family, 'PartiQLInsert', 'BatchGetItem');
const writeEach = (family: Family): Call => on(family, 'PartiQLInsert', 'PartiQLUpdate', 'BatchGetItem');

/** What each method of the registry sends to DynamoDB. */
const CALLS: Readonly<Record<keyof Registry, readonly (Call | 'scan')[]>> = {
  putFact: [on('entity', 'PutItem', 'GetItem', 'UpdateItem')],
  history: [on('entity', 'Query')],
  facts: [on('entity', 'BatchGetItem')],
  states: [on('entity', 'BatchGetItem')],
  putState: [writeEach('entity')],
  putSpellings: [insertEach('entity')],

  columnEntry: [on('columnEntry', 'GetItem')],
  columnEntries: [on('columnEntry', 'Query')],
  writeColumnEntry: [put('columnEntry')],
  deleteColumnEntry: [remove('columnEntry')],
  putColumnMessages: [on('columnMessage', 'BatchWriteItem')],
  columnMessages: [on('columnMessage', 'Query')],
  deleteColumnMessages: [on('columnMessage', 'BatchWriteItem')],
  // An attribute of the heartbeat, so that lanes read both together.
  noteColumn: [on('heartbeat', 'UpdateItem')],

  holdings: [on('holding', 'BatchGetItem')],
  readHoldings: [on('holding', 'BatchGetItem')],
  writeHoldings: [writeEach('holding')],
  putTombstone: [put('holding')],
  tombstones: [on('holding', 'Query')],
  tombstonesAt: [on('holding', 'BatchGetItem')],
  putPointers: [insertEach('entity')],
  pointers: [on('entity', 'Query')],
  pointersAmong: [on('entity', 'BatchGetItem')],
  scanHoldings: ['scan'],
  // The entity in whose items a page ended is read by itself.
  scanAll: ['scan', on('entity', 'GetItem', 'Query')],

  putHints: [on('hint', 'BatchWriteItem')],
  hintsAfter: [on('hint', 'Query')],
  hasHint: [on('hint', 'GetItem')],
  cursors: [on('cursor', 'BatchGetItem')],
  moveCursors: [writeEach('cursor')],

  putChunks: [insertEach('chunk')],
  begin: [
    on('chunk', 'BatchGetItem'),
    on('work', 'BatchGetItem'),
    on('heartbeat', 'BatchGetItem'),
    on('activation', 'BatchGetItem'),
  ],
  chunk: [on('chunk', 'GetItem')],
  writeChunk: [put('chunk')],
  deleteChunk: [remove('chunk')],
  chunks: [on('chunk', 'Query')],
  putWork: [put('work')],
  actOn: [put('work')],
  deleteWork: [remove('work')],
  workRecords: [on('work', 'Query')],
  laneGuard: [on('allowance', 'GetItem')],
  writeLaneGuard: [put('allowance')],

  putToBeSealed: [put('toBeSealed')],
  putResult: [put('result')],
  putActions: [put('action')],
  putFactEntries: [put('factEntry')],
  putStatement: [put('statement')],
  statements: [on('statement', 'BatchGetItem')],
  // A token says in which of the four partitions it lies.
  voidResult: [put('result'), put('action'), put('factEntry'), put('statement')],
  results: [
    on('result', 'BatchGetItem'),
    on('action', 'BatchGetItem'),
    on('factEntry', 'BatchGetItem'),
    on('statement', 'BatchGetItem'),
  ],
  toBeSealed: [on('toBeSealed', 'Query')],
  deleteToBeSealed: [on('toBeSealed', 'BatchWriteItem')],
  head: [on('logHead', 'GetItem')],
  putHead: [put('logHead')],
  putSealed: [insertEach('sealed')],
  sealed: [on('sealed', 'BatchGetItem')],
  sealedOfDay: [on('sealed', 'Query')],
  logIndexed: [on('logIndex', 'GetItem')],
  putLogIndexed: [put('logIndex')],
  logMonths: [on('logIndex', 'BatchGetItem')],
  logMonthsBetween: [on('logIndex', 'Query')],
  putLogMonth: [put('logIndex')],
  logPages: [on('logIndex', 'BatchGetItem')],
  putLogPage: [put('logIndex')],
  putLogged: [insertEach('logged')],
  logged: [on('logged', 'BatchGetItem')],

  wideHolds: [on('wideHold', 'Query')],
  wideHold: [on('wideHold', 'GetItem')],
  placeWideHold: [put('wideHold')],
  releaseWideHold: [on('wideHold', 'UpdateItem')],
  confirmRestored: [on('wideHold', 'PutItem')],
  recordHold: [put('holdRecord')],
  holdRecord: [on('holdRecord', 'GetItem')],
  recordRelease: [on('holdRecord', 'UpdateItem')],
  recordInFlight: [on('holdRecord', 'UpdateItem')],
  holdRecords: [on('holdRecord', 'Query')],
  park: [on('parked', 'BatchWriteItem')],
  parked: [on('parked', 'Query')],
  unpark: [on('parked', 'BatchWriteItem')],

  putRequest: [put('request')],
  requests: [on('request', 'BatchGetItem')],
  listRequest: [on('request', 'PutItem')],
  listedRequests: [on('request', 'Query')],
  unlistRequest: [remove('request')],
  putExportPart: [put('exportPart')],
  exportPart: [on('exportPart', 'GetItem')],
  exportParts: [on('exportPart', 'Query')],
  putExportPage: [on('exportPart', 'PutItem')],
  exportPages: [on('exportPart', 'Query')],

  proposal: [on('proposal', 'GetItem')],
  putProposal: [put('proposal')],
  proposals: [on('proposal', 'Query')],

  putPolicyPlan: [put('policyPlan')],
  policyPlan: [on('policyPlan', 'GetItem')],
  activation: [on('activation', 'GetItem')],
  putActivation: [put('activation')],
  putActiveSet: [on('activation', 'PutItem')],
  activeSet: [on('activation', 'GetItem')],

  putHeartbeat: [on('heartbeat', 'UpdateItem')],
  heartbeat: [on('heartbeat', 'GetItem')],
  noteBehind: [on('heartbeat', 'UpdateItem')],
  intake: [on('heartbeat', 'GetItem')],
  takeQuota: [on('quota', 'UpdateItem')],
  restoreReplay: [on('replay', 'GetItem')],
  putRestoreReplay: [put('replay')],
  walk: [on('walk', 'GetItem')],
  putWalk: [put('walk')],
  deleteWalk: [on('walk', 'DeleteItem')],
  policyRun: [on('policyRun', 'GetItem')],
  putPolicyRun: [put('policyRun')],
  setAside: [put('setAside')],
  setAsides: [on('setAside', 'Query')],
  takeBack: [on('setAside', 'DeleteItem')],
  putCensus: [on('census', 'PutItem', 'BatchWriteItem')],
  census: [on('census', 'Query')],
  censusList: [on('census', 'Query')],
  putDue: [on('census', 'PutItem')],
  due: [on('census', 'Query')],
  markRegistered: [on('registeredMark', 'UpdateItem')],
  noteMarksWalked: [on('registeredMark', 'UpdateItem')],
  registeredMarks: [on('registeredMark', 'GetItem')],
  putNewestCensus: [on('newestCensus', 'UpdateItem')],
  newestCensus: [on('newestCensus', 'GetItem')],
  coverage: [on('coverage', 'GetItem')],
  putCoverage: [on('coverage', 'PutItem')],
  putNotices: [on('notice', 'BatchWriteItem')],
  notices: [on('notice', 'Query')],
  deleteNotices: [on('notice', 'BatchWriteItem')],
  putQuarantined: [on('quarantined', 'PutItem')],
  quarantined: [on('quarantined', 'Query')],
  quarantinedItem: [on('quarantined', 'GetItem')],
  replaceQuarantined: [put('quarantined')],
  noteTry: [on('quarantined', 'UpdateItem')],
  removeQuarantined: [remove('quarantined')],
};

/** What a method sends for single items. */
export function callsOf(method: keyof Registry): readonly Call[] {
  return CALLS[method].filter((call) => call !== 'scan');
}

/** Whether it reads the table as a whole. */
export function isScan(method: keyof Registry): boolean {
  return CALLS[method].includes('scan');
}
