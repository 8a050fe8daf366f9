import { afterAll, beforeAll, expect, test } from 'vitest';
import { callsOf, FAMILIES, isScan } from '../../../infra/registry-calls.ts';
import { type DynamoCall, DynamoRefusal } from '../../../shared/adapters/dynamodb/dynamo-call.ts';
import { dynamoRegistry } from '../../../shared/adapters/dynamodb/dynamo-registry.ts';
import { entryKey } from '../../../shared/domain/columns/column-entry.ts';
import type { LegalHold, WideHold } from '../../../shared/domain/record/hold.ts';
import { actionToken, factToken, statementToken } from '../../../shared/domain/record/work.ts';
import { emptyMonth } from '../../../shared/domain/log/log-month.ts';
import type { Notice } from '../../../shared/domain/record/notice.ts';
import type { LogRef } from '../../../shared/domain/record/ids.ts';
import type { LoggedStage } from '../../../shared/ports/results.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { anExportPage, anExportPart, aProposal, aRequest } from '../../support/people-requests.ts';
import { judgedRequests } from '../../support/registry-requests.ts';
import { type TestTables, startTables } from '../../support/registry-table.ts';
import { aFact, aHolding, aHoldingRef, anEntityRef, aState, at } from '../../support/samples.ts';
import { aChunk, aColumnEntry, aResult, aWorkRecord, change, putNew } from './registry-samples.ts';

const columnEntry = aColumnEntry(1);
const columnRead = { kind: 'column-read', column: columnEntry.column, at: 1 } as const;
const TOKEN = '2026-03-01T10.token';
const ACTION_TOKEN = actionToken('2026-03-01T10', 'token');
const NOTICE: Notice = { id: 'n-1', kind: 'completed', at: 1, data: { store: 'crm', records: [] } };
const FACT_TOKEN = factToken('2026-03-01T10', 'token');
const STATEMENT_TOKEN = statementToken('2026-03-01T00', 0, 'token');
const MINUTE = at('2026-03-01T10:05:00Z');
const [entity, holding] = [anEntityRef(1), aHoldingRef(1)];
const chunk = aChunk('chunk-1');
const work = aWorkRecord(chunk, TOKEN);
const hold: WideHold = {
  id: 'hold-1',
  kind: 'hold',
  scope: { everything: true },
  state: 'placed',
  at: MINUTE,
};
const record: LegalHold = { ...hold, kind: 'hold', scope: { entity } };
const sealed = { token: TOKEN, first: 0, count: 1, store: 'crm', rules: [], outcomes: {} };
const month = { ...emptyMonth({ index: MINUTE, month: '2026-03', store: 'crm' }), version: 1 };
const page = { index: MINUTE, day: '2026-03-01', store: 'crm', page: 0, version: 1, until: 1, results: [] };
const logged: LoggedStage = {
  holding: 'AAAAAAAAAAAAAAAAAAAAAA' as LogRef,
  generation: 1,
  stage: 'delete',
  outcome: 'deleted',
  begunAt: MINUTE,
  at: MINUTE,
  token: TOKEN,
  line: 0,
};
const aside = { store: 'crm', holding, code: 'C', at: MINUTE };
const quarantined = { id: 'event-1', receivedAt: MINUTE, code: 'C', reason: 'r', sealed: 's' };

const aPlan = { id: 'plan-1', at: MINUTE, to: 'd', sets: { to: { policies: [] } } };

/** Every method, called so that it takes every way it has. A new one does not compile until it is here. */
const EACH: Readonly<Record<keyof Registry, (registry: Registry) => Promise<unknown>>> = {
  async putFact(r) {
    await r.putFact(entity, aFact(1));
    // The same event, sent earlier: that is written, too.
    await r.putFact(entity, aFact(1, { sent: at('2026-03-01T09:00:00Z') }));
  },
  history: (r) => r.history(entity),
  facts: (r) => r.facts(entity, [aFact(1).ref]),
  states: (r) => r.states([entity]),
  columnEntry: (r) => r.columnEntry(columnEntry.column, entryKey(columnEntry)),
  columnEntries: (r) => r.columnEntries(columnEntry.column, { from: 0, until: MINUTE }),
  async writeColumnEntry(r) {
    await r.writeColumnEntry(columnEntry);
    await r.writeColumnEntry({ ...columnEntry, version: 2 });
  },
  deleteColumnEntry: (r) => r.deleteColumnEntry({ ...columnEntry, version: 2 }),
  putColumnMessages: (r) => r.putColumnMessages([columnRead]),
  columnMessages: (r) => r.columnMessages(columnEntry.column),
  deleteColumnMessages: (r) => r.deleteColumnMessages([columnRead]),
  noteColumn: (r) => r.noteColumn(columnEntry.column, MINUTE),
  async putState(r) {
    await r.putState(anEntityRef('new'), { ...aState(), version: 0 });
    await r.putState(anEntityRef('new'), { ...aState(), version: 1 });
  },
  putSpellings: (r) => r.putSpellings([{ folded: entity, spelled: anEntityRef(2), type: 'contract' }]),
  holdings: (r) => r.holdings([holding]),
  readHoldings: (r) => r.readHoldings([holding]),
  async writeHoldings(r) {
    await r.writeHoldings([change(await putNew(r, aHolding('w')), { state: 'pending' })]);
  },
  putTombstone: (r) => r.putTombstone(aHolding(1, { state: 'disposed' })),
  tombstones: (r) => r.tombstones(holding),
  tombstonesAt: (r) => r.tombstonesAt([{ ref: holding, generation: 1 }]),
  putPointers: (r) => r.putPointers([entity], holding),
  pointers: (r) => r.pointers(entity),
  pointersAmong: (r) => r.pointersAmong(entity, [holding]),
  scanHoldings: (r) => r.scanHoldings(0, 1),
  async scanAll(r) {
    const inTheMiddle = JSON.stringify([`E#${entity}`, `H#${holding}`]);
    await r.scanAll(0, 1, Buffer.from(inTheMiddle).toString('base64url'));
  },
  putHints: (r) => r.putHints([{ minute: MINUTE, holding, lane: 'crm', producer: 'portal' }]),
  hintsAfter: (r) => r.hintsAfter({ shard: 3, version: 0 }, MINUTE),
  hasHint: (r) => r.hasHint({ minute: MINUTE, holding }),
  cursors: (r) => r.cursors(),
  async moveCursors(r) {
    await r.moveCursors([{ shard: 3, version: 1, after: { minute: MINUTE, holding } }]);
    await r.moveCursors([{ shard: 3, version: 2, after: { minute: MINUTE, holding } }]);
  },
  putChunks: (r) => r.putChunks([chunk]),
  begin: (r) => r.begin(chunk),
  chunk: (r) => r.chunk(chunk),
  writeChunk: (r) => r.writeChunk(aChunk('written', { version: 1 })),
  deleteChunk: (r) => r.deleteChunk(aChunk('deleted', { version: 1 })),
  chunks: (r) => r.chunks('crm'),
  putWork: (r) => r.putWork(work),
  actOn: (r) => r.actOn(work, []),
  deleteWork: (r) => r.deleteWork(work),
  workRecords: (r) => r.workRecords('crm'),
  laneGuard: (r) => r.laneGuard('crm'),
  writeLaneGuard: (r) => r.writeLaneGuard('crm', { version: 1, by: 't', hour: { at: MINUTE, count: 1 } }),
  putToBeSealed: (r) => r.putToBeSealed({ token: TOKEN, putAt: MINUTE, until: MINUTE }),
  putResult: (r) => r.putResult(aResult(TOKEN, 1)),
  putActions: (r) => r.putActions({ token: ACTION_TOKEN, store: '', entries: [], lines: [], actions: [] }),
  putFactEntries: (r) =>
    r.putFactEntries({ token: FACT_TOKEN, store: '', entries: [], lines: [], actions: [] }),
  putStatement: (r) =>
    r.putStatement({ token: STATEMENT_TOKEN, store: '', entries: [], lines: [], actions: [] }),
  statements: (r) => r.statements([STATEMENT_TOKEN]),
  async voidResult(r) {
    await r.voidResult('2026-03-01T10.void');
    await r.voidResult(actionToken('2026-03-01T10', 'void'));
    await r.voidResult(factToken('2026-03-01T10', 'void'));
    await r.voidResult(statementToken('2026-03-01T10', 0, 'void'));
  },
  results: (r) => r.results([TOKEN, ACTION_TOKEN, FACT_TOKEN, STATEMENT_TOKEN]),
  toBeSealed: (r) => r.toBeSealed(),
  deleteToBeSealed: (r) => r.deleteToBeSealed([TOKEN]),
  head: (r) => r.head(),
  putHead: (r) => r.putHead({ version: 1, size: 0, batch: [], published: true }),
  putSealed: (r) => r.putSealed([sealed]),
  sealed: (r) => r.sealed([TOKEN]),
  sealedOfDay: (r) => r.sealedOfDay('2026-03-01'),
  logIndexed: (r) => r.logIndexed(),
  async putLogIndexed(r) {
    const next = { version: 1, index: MINUTE, until: 0 };
    await r.putLogIndexed(next);
    await r.putLogIndexed(next);
  },
  logMonths: (r) => r.logMonths([month]),
  logMonthsBetween: (r) => r.logMonthsBetween({ index: MINUTE, from: '2026-01', to: '2026-12' }),
  putLogMonth: (r) => r.putLogMonth(month),
  logPages: (r) => r.logPages([page]),
  putLogPage: (r) => r.putLogPage(page),
  putLogged: (r) => r.putLogged([logged]),
  logged: (r) => r.logged([logged]),
  wideHolds: (r) => r.wideHolds(),
  wideHold: (r) => r.wideHold(hold.id),
  placeWideHold: (r) => r.placeWideHold(hold),
  releaseWideHold: (r) => r.releaseWideHold(hold),
  confirmRestored: (r) => r.confirmRestored(MINUTE),
  recordHold: (r) => r.recordHold(record),
  holdRecord: (r) => r.holdRecord(record.id),
  recordRelease: (r) => r.recordRelease(record),
  recordInFlight: (r) => r.recordInFlight(record.id, []),
  holdRecords: (r) => r.holdRecords(),
  park: (r) => r.park(hold.id, [holding]),
  parked: (r) => r.parked(hold.id),
  unpark: (r) => r.unpark(hold.id, [holding]),
  async putRequest(r) {
    await r.putRequest(aRequest());
    await r.putRequest(aRequest({ version: 2 }));
  },
  requests: (r) => r.requests([aRequest().ref]),
  listRequest: (r) => r.listRequest({ ref: aRequest().ref, at: MINUTE }),
  listedRequests: (r) => r.listedRequests(),
  unlistRequest: (r) => r.unlistRequest({ ref: aRequest().ref, at: MINUTE }),
  async putExportPart(r) {
    await r.putExportPart(anExportPart());
    await r.putExportPart(anExportPart({ version: 2 }));
  },
  exportPart: (r) => r.exportPart(anExportPart()),
  exportParts: (r) => r.exportParts(anExportPart()),
  putExportPage: (r) => r.putExportPage(anExportPage()),
  exportPages: (r) => r.exportPages(anExportPart()),
  proposal: (r) => r.proposal(aProposal().id),
  async putProposal(r) {
    await r.putProposal(aProposal());
    await r.putProposal(aProposal({ version: 2 }));
  },
  proposals: (r) => r.proposals(),
  putPolicyPlan: (r) => r.putPolicyPlan(aPlan),
  policyPlan: (r) => r.policyPlan('plan-1'),
  activation: (r) => r.activation(),
  async putActivation(r) {
    await r.putActivation({ version: 1, active: 'd', at: MINUTE });
    await r.putActivation({ version: 2, active: 'e', at: MINUTE });
  },
  putActiveSet: (r) => r.putActiveSet('d', { policies: [] }),
  activeSet: (r) => r.activeSet('d'),
  putHeartbeat: (r) => r.putHeartbeat(MINUTE),
  heartbeat: (r) => r.heartbeat(),
  async noteBehind(r) {
    await r.noteBehind('portal', { now: MINUTE, until: MINUTE + 1 });
    await r.noteBehind('portal', { now: MINUTE, until: MINUTE + 2 });
  },
  intake: (r) => r.intake(),
  takeQuota: (r) => r.takeQuota('portal', 1, { hour: MINUTE, most: 10 }),
  restoreReplay: (r) => r.restoreReplay('t-1.do.0.crm'),
  putRestoreReplay: (r) => r.putRestoreReplay({ id: 't-1.do.0.crm', version: 1, at: MINUTE }),
  walk: (r) => r.walk('census/2026-03-01/0'),
  putWalk: (r) => r.putWalk({ id: 'census/2026-03-01/0', version: 1, at: MINUTE }),
  deleteWalk: (r) => r.deleteWalk('census/2026-03-01/0'),
  policyRun: (r) => r.policyRun(),
  putPolicyRun: (r) => r.putPolicyRun({ digest: 'd', recordedAt: MINUTE }),
  setAside: (r) => r.setAside(aside),
  setAsides: (r) => r.setAsides('crm'),
  takeBack: (r) => r.takeBack(aside),
  putCensus: (r) =>
    r.putCensus({
      run: 'census/2026-03-01/0',
      page: 'p',
      at: MINUTE,
      counts: [],
      listed: new Map([['conflict', [holding]]]),
    }),
  censusList: (r) => r.censusList('census/2026-03-01/0', 'conflict'),
  putDue: (r) => r.putDue({ run: 'census/2026-03-01/0', page: 'p', at: 0, due: [] }),
  due: (r) => r.due('census/2026-03-01/0'),
  markRegistered: (r) => r.markRegistered('crm'),
  noteMarksWalked: (r) => r.noteMarksWalked({ of: '-', first: MINUTE }),
  registeredMarks: (r) => r.registeredMarks(),
  putNewestCensus: (r) => r.putNewestCensus('census/2026-03-01'),
  newestCensus: (r) => r.newestCensus(),
  coverage: (r) => r.coverage('crm'),
  putCoverage: (r) => r.putCoverage('crm', { tried: '2026-03-01' }),
  census: (r) => r.census('census/2026-03-01/0'),
  putNotices: (r) => r.putNotices([NOTICE]),
  notices: (r) => r.notices(),
  deleteNotices: (r) => r.deleteNotices([NOTICE.id]),
  putQuarantined: (r) => r.putQuarantined(quarantined),
  quarantined: (r) => r.quarantined(),
  quarantinedItem: (r) => r.quarantinedItem(quarantined.id),
  replaceQuarantined: (r) => r.replaceQuarantined(quarantined),
  noteTry: (r) => r.noteTry(quarantined.id, MINUTE),
  removeQuarantined: (r) => r.removeQuarantined(quarantined.id),
};

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.stop());

/** Carries every request out twice, as if the first answer had been lost, and writes down what was asked. */
function twice(inner: DynamoCall, seen: Set<string>): DynamoCall {
  return async (operation, input) => {
    for (const { action, partitions } of judgedRequests(operation, input)) {
      if (partitions.length === 0) seen.add(action);
      for (const partition of partitions) seen.add(`${action} ${familyOf(partition)}`);
    }
    await inner(operation, input).catch(() => undefined);
    try {
      return { ...(await inner(operation, input)), resent: true };
    } catch (error) {
      if (!(error instanceof DynamoRefusal)) throw error;
      throw new DynamoRefusal(error.name, { operation, status: error.status, resent: true });
    }
  };
}

function familyOf(partition: string): string {
  const found = Object.entries(FAMILIES).filter(([, pattern]) =>
    pattern.endsWith('*') ? partition.startsWith(pattern.slice(0, -1)) : partition === pattern,
  );
  expect(found, partition).toHaveLength(1);
  return found[0]?.[0] ?? '';
}

test('each method of the registry sends to DynamoDB what its permissions are made of, and nothing else', async () => {
  const sent: Record<string, readonly string[]> = {};
  const named: Record<string, readonly string[]> = {};
  const inOrder = (names: Iterable<string>): string[] => [...new Set(names)].toSorted();
  for (const [method, call] of Object.entries(EACH)) {
    const seen = new Set<string>();
    await call(dynamoRegistry(twice(tables.call, seen), await tables.create()));
    sent[method] = inOrder(seen);
    const calls = callsOf(method as keyof Registry);
    named[method] = inOrder([
      ...(isScan(method as keyof Registry) ? ['Scan'] : []),
      ...calls.flatMap(({ family, actions }) => actions.map((action) => `${action} ${family}`)),
    ]);
  }
  expect(sent).toEqual(named);
});
