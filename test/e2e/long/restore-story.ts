import type { CloudEvent } from '../../../shared/contract/cloud-event.ts';
import { contract, type Contract, ended, registrations, renewed } from '../happenings.ts';
import { planned } from '../planned.ts';
import type { Scoreboard } from '../scoreboard.ts';
import type { World } from '../world.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** From just before the restore until what is ended then is due: the lanes are paused by then. */
const DUE_AFTER = 6 * MINUTE;

/** What happens to the contracts of this chapter. Each has two records in every lane. */
export interface Story {
  /** Disposed of before the restore point. */
  readonly early: readonly Contract[];
  /** Disposed of after it, so the restored table has forgotten it. One of them was registered after it, too. */
  readonly forgotten: readonly Contract[];
  /** Due while the lanes wait: known to the restored table, ended later, or even registered later. */
  readonly due: readonly Contract[];
  /** Ended before the restore point, and the end is undone after it. */
  readonly kept: readonly Contract[];
  /** Registered after the restore point, and never ended. */
  readonly lateKept: readonly Contract[];
  /** By id. */
  readonly dueAt: Map<string, number>;
}

export interface Book {
  readonly world: World;
  readonly board: Scoreboard;
  readonly told: Story;
}

export function story(): Story {
  let number = 0;
  const of = (...names: readonly string[]): readonly Contract[] =>
    names.map((name) => contract(name, (number += 1), 2));
  return {
    early: of('early'),
    forgotten: of('ended-after', 'registered-and-ended-after'),
    due: of('known-to-be-due', 'ended-while-paused', 'registered-while-paused', 'ended-on-the-bus'),
    kept: of('undone'),
    lateKept: of('registered-after'),
    dueAt: new Map(),
  };
}

/** What the applications do, in order. */
export const addToStory = {
  async before({ world, told: { early, forgotten, due, kept } }: Book): Promise<void> {
    const [endedAfter] = forgotten;
    const [known, endedWhilePaused, , onTheBus] = due;
    await register(world, [...early, ...kept, ...given(endedAfter, known, endedWhilePaused, onTheBus)]);
    await send(
      world,
      early.map(({ id }) => ended(id, Date.now() - DAY)),
    );
  },
  /** So that as much time as possible is left until it is due. */
  async justBefore({ world, told }: Book): Promise<void> {
    const dueAt = Math.ceil((Date.now() + DUE_AFTER) / MINUTE) * MINUTE;
    const soon = [...given(told.due[0]), ...told.kept];
    for (const { id } of soon) told.dueAt.set(id, dueAt);
    await send(
      world,
      soon.map(({ id }) => ended(id, dueAt)),
    );
    // The copy has to have the ends, too.
    for (const each of soon) await planned(world, each, { status: 'due', until: Date.now() + MINUTE });
  },
  async after({ world, told }: Book): Promise<void> {
    await register(world, [...given(told.forgotten[1]), ...told.lateKept]);
    await send(world, [
      ...told.kept.map(({ id }) => renewed(id, Date.now())),
      ...told.forgotten.map(({ id }) => ended(id, Date.now() - DAY)),
    ]);
  },
  async whilePaused({ world, told: { due, dueAt } }: Book): Promise<void> {
    const [, endedWhilePaused, registeredWhilePaused, onTheBus] = due;
    await register(world, given(registeredWhilePaused));
    const overHttp = given(endedWhilePaused, registeredWhilePaused);
    for (const { id } of given(...overHttp, onTheBus)) dueAt.set(id, Date.now());
    await send(
      world,
      overHttp.map(({ id }) => ended(id, Date.now() - DAY)),
    );
    for (const { id } of given(onTheBus)) await world.people.putEvent('crm', ended(id, Date.now() - DAY));
  },
};

function given(...contracts: readonly (Contract | undefined)[]): readonly Contract[] {
  return contracts.map((each) => {
    if (each === undefined) throw new TypeError('the story has another contract');
    return each;
  });
}

async function register({ records, people }: World, contracts: readonly Contract[]): Promise<void> {
  for (const record of contracts.flatMap((each) => each.records)) await records.write(record);
  accepted(await people.client('crm').registerHoldings(contracts.flatMap(registrations)));
}

async function send({ people }: World, events: readonly CloudEvent[]): Promise<void> {
  accepted(await people.client('crm').sendEvents(events));
}

function accepted({ results }: { readonly results: readonly { status: string; code?: string }[] }): void {
  const rejected = results.find(({ status }) => status !== 'accepted');
  if (rejected !== undefined) throw new Error(`rejected: ${rejected.code}`);
}
