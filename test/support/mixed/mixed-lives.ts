import type { HoldingRef, Instant } from '../../../shared/domain/record/ids.ts';
import { isoUtc } from '../../../shared/domain/calendar/utc-time.ts';
import { restrictionSent } from '../driver/envelopes.ts';
import { PRODUCER, SOURCE } from '../driver/world.ts';
import type { Producers, Subject } from '../simulation/simulation-producers.ts';
import { PLACE } from './mixed-world.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

type Kind = 'note' | 'log' | 'paper';

/** What the application writes: each row once, under a name of its own. `used`: it says so again, of logs. */
export interface Written {
  readonly name: string;
  readonly kind: Kind;
  readonly contract: string;
  readonly at: Instant;
  readonly created: Instant;
  readonly used: readonly Instant[];
  /** When the application removes it by itself. */
  readonly removed?: Instant;
}

/** A row, and everything by which the deployment may know it. */
export interface Known {
  readonly row: Written;
  /** As it is registered on its own. */
  readonly ref: HoldingRef;
  /** Of what an attempt may be at work on when the row goes. */
  readonly works: readonly HoldingRef[];
}

/** Nothing about the contract may be deleted in this time. */
interface Restricted {
  readonly contract: string;
  readonly id: string;
  readonly from: Instant;
  readonly to: Instant;
}

export interface Lives {
  readonly rows: readonly Written[];
  readonly restrictions: readonly Restricted[];
  /** Of restrictions and their ends. */
  readonly requests: readonly { readonly at: Instant; readonly id: string; readonly body: string }[];
}

/** Random lives of contracts, and of the rows of each. What is said is in the script of the producers. */
export function mixedLives(producers: Producers, count: number, from: Instant, to: Instant): Lives {
  const rows: Written[] = [];
  const restrictions: Restricted[] = [];
  for (let n = 1; n <= count; n += 1) {
    const contract = `contract-${n}`;
    const born = from + Math.floor(producers.chance.next() * (to - from) * 0.8);
    const own = rowsOf(producers, contract, { born, to });
    rows.push(...own);
    registrations(producers, own, [contract, `contract-${producers.chance.between(1, count)}`]);
    ends(producers, { type: 'contract', id: contract }, born, to);
    restrictions.push(...restricted(producers, contract, { born, to }));
  }
  return { rows, restrictions, requests: restrictions.flatMap((one) => requestsOf(one)) };
}

interface Time {
  readonly born: Instant;
  readonly to: Instant;
}

function rowsOf({ chance }: Producers, contract: string, { born, to }: Time): Written[] {
  return Array.from({ length: chance.between(4, 14) }, (_, index) => {
    const kind = chance.pick<Kind>(['note', 'note', 'log', 'log', 'paper']);
    const at = born + chance.between(0, 60 * DAY);
    const created = at - (chance.happens(0.3) ? chance.between(0, 20 * DAY) : 0);
    const used = chance.happens(0.4) ? [at + chance.between(HOUR, 12 * DAY)] : [];
    return {
      name: `${contract}-${index}-${kind}`,
      kind,
      contract,
      at,
      created,
      used: kind === 'log' ? used.filter((when) => when < to) : [],
      ...(chance.happens(0.05) && { removed: at + chance.between(HOUR, 20 * DAY) }),
    };
  }).filter(({ at }) => at < to);
}

/** Papers, and some of the others. Some are about another contract than the one that their column names. */
function registrations(
  producers: Producers,
  rows: readonly Written[],
  [own, other]: readonly [string, string],
): void {
  const { chance } = producers;
  for (const { name, kind, at } of rows) {
    if (kind !== 'paper' && !chance.happens(0.2)) continue;
    const id = chance.happens(0.2) ? other : own;
    const options = { categories: ['papers'], about: [{ type: 'contract', id }] };
    const when = chance.happens(0.7) ? at - HOUR : at + chance.between(HOUR, 15 * DAY);
    producers.register(PRODUCER, PLACE(name), options, undefined, when);
    if (chance.happens(0.2)) producers.withdraw(PRODUCER, PLACE(name), when + chance.between(HOUR, 20 * DAY));
  }
}

/** Ends, and often goes on after all; what is said of it may be corrected or taken back. */
function ends(producers: Producers, contract: Subject, born: Instant, to: Instant): void {
  const { chance } = producers;
  let at = born + chance.between(DAY, 80 * DAY);
  for (let times = 0; times < 4 && at < to; times += 1) {
    producers.send(PRODUCER, 'contract.ended', contract, at);
    if (!chance.happens(0.5)) return;
    at += chance.between(HOUR, 14 * DAY);
    producers.send(PRODUCER, 'contract.renewed', contract, at);
    at += chance.between(DAY, 40 * DAY);
  }
}

function restricted({ chance }: Producers, contract: string, { born, to }: Time): readonly Restricted[] {
  if (!chance.happens(0.25)) return [];
  const from = born + chance.between(DAY, 70 * DAY);
  if (from >= to) return [];
  return [{ contract, id: `restrict-${contract}`, from, to: from + chance.between(DAY, 30 * DAY) }];
}

function requestsOf({ contract, id, from, to }: Restricted): Lives['requests'] {
  const entity = { type: 'contract', id: contract };
  const sending = (sent: Instant, name: string) => ({ source: SOURCE, id: name, arrived: sent, sent });
  const end = `${id}-ends`;
  return [
    { at: from + HOUR, id, body: restrictionSent(sending(from, id), PRODUCER, entity) },
    { at: to + HOUR, id: end, body: restrictionSent(sending(to, end), PRODUCER, entity, id) },
  ];
}

/** The columns of a row as it is first written, and after each use. */
export function fieldsOf({ kind, contract, created }: Written, used: Instant | null) {
  return { kind, contract, created: isoUtc(created), used: used === null ? null : isoUtc(used) };
}
