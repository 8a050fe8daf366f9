import { present } from '../../shared/domain/present.ts';
import { recordFact } from '../../shared/protocol/record-fact.ts';
import { register } from '../../shared/protocol/registration.ts';
import { BATCH } from '../../shared/protocol/log/seal.ts';
import { CHUNK_SIZE } from '../../shared/domain/record/work.ts';
import { countedDisposal, countedSealing, ENDED, START } from '../support/counted/counted-disposal.ts';
import { countedRePlan } from '../support/counted/counted-re-plan.ts';
import { countedWakeUp, idleHour } from '../support/counted/counted-sweeps.ts';
import { countedWorld } from '../support/counted/counted-world.ts';
import { longestHead } from '../support/log/longest-head.ts';
import { startTables, type TestTables } from '../support/registry-table.ts';
import { at } from '../support/samples.ts';
import { aPolicy, aRule } from '../support/rules/rule-world.ts';
import type { Row } from './row.ts';

const FULL_BATCH = BATCH * CHUNK_SIZE;
const LANES = 3;
const STAGED = 10 * CHUNK_SIZE;
const FAN_OUT = 40;
const RE_PLANNED = 4000;

/**
 * Counted at the SDK client, over an embedded table: the same on every machine. Requests to registry, log and queues
 * count, those to a holding's own store do not.
 */
export async function countedRows(): Promise<Row[]> {
  const tables = await startTables();
  try {
    return [
      ...(await disposing(tables)),
      ...(await registering(tables)),
      ...(await happening(tables)),
      ...(await waking(tables)),
      ...(await sealing(tables)),
      ...(await rePlanning(tables)),
    ];
  } finally {
    await tables.stop();
  }
}

async function disposing(tables: TestTables): Promise<Row[]> {
  const { w, requests, sealing } = await countedDisposal(tables, FULL_BATCH);
  const { Scan = 0 } = w.counter.requests();
  const heads = w.counter.writes().filter(({ PK }) => PK === 'M#log');
  // A batch is one head before its objects and one after them.
  const batches = heads.length / 2;
  const { size } = await w.registry.head();

  const rules = [aRule('anonymise 30 days after contract.ended, then delete 60 days after contract.ended')];
  const categories = { notes: { rules, masks: { email: { kind: 'null', ifPresent: true } as const } } };
  const staged = await countedDisposal(tables, STAGED, { policies: [{ ...aPolicy({}), categories }] });

  const all = FULL_BATCH.toLocaleString('en');
  return [
    {
      what: `disposing of ${all}: write units a holding`,
      measured: w.counter.writeUnits() / size,
      limit: 1.3,
    },
    { what: `disposing of ${all}: requests a holding`, measured: requests.all / size, limit: 0.25 },
    {
      what: 'a stage that is followed by another: write units a holding',
      measured: staged.w.counter.writeUnits() / STAGED,
      limit: 2.3,
    },
    { what: 'scans while disposing', measured: Scan, limit: 0 },
    { what: `sealing ${BATCH} chunks: requests a chunk`, measured: sealing.all / BATCH, limit: 4 },
    {
      what: 'entries in a batch of the log: this number a second, at one batch a second',
      measured: size / batches,
      limit: 3000,
      isLeast: true,
    },
  ];
}

async function registering(tables: TestTables): Promise<Row[]> {
  const w = await countedWorld(tables, START);
  const contracts = [0, 1, 2].map((n) => w.entity('contract', `c-${n}`));
  for (const { ref } of contracts) await recordFact(w.core, ref, w.fact('contract.ended', ENDED));
  const cost = async (id: string, entities: number): Promise<number> => {
    const fact = await w.registration(id, contracts.slice(0, entities));
    return sum(await w.unitsOf(() => register(w.core, fact)));
  };
  const [one, three] = [await cost('n-1', 1), await cost('n-2', 3)];
  return [
    { what: 'registering with one entity and a date: write units', measured: one, limit: 3 },
    { what: 'the same, for each further entity: write units', measured: (three - one) / 2, limit: 1 },
  ];
}

/** Of all write units of an event, two are its own: its fact and its entity's state. */
async function happening(tables: TestTables): Promise<Row[]> {
  const w = await countedWorld(tables, START);
  const contract = w.entity('contract', 'c-1');
  for (let n = 0; n < FAN_OUT; n += 1) await register(w.core, await w.registration(`n-${n}`, [contract]));
  const cost = (type: string, occurred: string, id?: string): Promise<Readonly<Record<string, number>>> => {
    const fact = w.fact(type, occurred, present({ id }));
    return w.unitsOf(() => recordFact(w.core, contract.ref, fact));
  };
  const known = await cost('contract.ended', '2026-05-01');
  const same = await cost('contract.ended', '2026-05-01', 'again');
  const later = await cost('contract.ended', '2026-07-01');
  w.clock.set(at('2026-03-20T10:00:00Z'));
  await cost('contract.renewed', '2026-03-10');
  const sooner = await cost('contract.ended', '2026-03-15');
  const rePlan = ({ E: _own, ...units }: Readonly<Record<string, number>>): number => sum(units) / FAN_OUT;
  return [
    { what: 'an event: write units', measured: same['E'] ?? Number.NaN, limit: 2 },
    { what: 'its re-plan that changes nothing: write units a holding', measured: rePlan(same), limit: 0 },
    { what: 'its re-plan, date moves later: write units a holding', measured: rePlan(later), limit: 1 },
    { what: 'its re-plan, date becomes known: write units a holding', measured: rePlan(known), limit: 2 },
    { what: 'its re-plan, date moves earlier: write units a holding', measured: rePlan(sooner), limit: 2 },
  ];
}

async function waking(tables: TestTables): Promise<Row[]> {
  const wakeUp = async (due: number, later: number): Promise<Row> => ({
    what: `wake-up of ${due.toLocaleString('en')} due among ${(due + later).toLocaleString('en')}: requests`,
    measured: (await countedWakeUp(tables, { due, later })).all,
    limit: 50 + due / 80,
  });
  const idle = await idleHour(tables, LANES);
  return [
    await wakeUp(1, 0),
    await wakeUp(1000, 0),
    await wakeUp(1000, 19_000),
    await wakeUp(8000, 0),
    { what: `an idle hour of ${LANES} lanes: requests`, measured: idle.requests.all, limit: 40 },
  ];
}

async function sealing(tables: TestTables): Promise<Row[]> {
  const alone = await countedSealing(tables, 1, 3);
  const eight = await countedSealing(tables, 8, CHUNK_SIZE);
  const w = await countedWorld(tables, START);
  await w.registry.putHead(longestHead);
  const [head] = w.counter.writes();
  return [
    { what: 'sealing one chunk alone: requests', measured: alone.requests.all, limit: 14 },
    { what: 'sealing 8 chunks: requests a chunk', measured: eight.requests.all / 8, limit: 4 },
    { what: 'head of the log with a full batch: bytes', measured: head?.bytes ?? Number.NaN, limit: 4096 },
  ];
}

/** Counted with thousands: every holding is read once by the page, whatever their number. */
async function rePlanning(tables: TestTables): Promise<Row[]> {
  const few = await countedRePlan(tables, { holdings: RE_PLANNED, everyOther: RE_PLANNED / 5 });
  const some = await countedRePlan(tables, { holdings: RE_PLANNED, everyOther: 10 });
  const changed = RE_PLANNED / 10;
  const all = RE_PLANNED.toLocaleString('en');
  return [
    {
      what: `a policy of 5 of ${all} changes: read units of its re-plan, times one pass`,
      measured: few.reads / few.onePass,
      limit: 1.1,
    },
    {
      what: 'the same for one in ten: read units for each of these, besides the pass',
      measured: (some.reads - some.onePass) / changed,
      limit: 2.1,
    },
    { what: 'write units for each of these', measured: (some.written['H'] ?? 0) / changed, limit: 1 },
  ];
}

function sum(units: Readonly<Record<string, number>>): number {
  return Object.values(units).reduce((all, some) => all + some, 0);
}
