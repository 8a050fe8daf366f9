import type { RequestsAnswer } from '../../../shared/contract/people/requests.ts';
import type { Contract } from '../happenings.ts';
import { LANES, MARKER } from '../records.ts';
import type { Scoreboard } from '../scoreboard.ts';
import type { World } from '../world.ts';
import { hourlySweep } from './hourly-sweep.ts';
import { sealedSteps } from './sealed-steps.ts';
import { SOON, until } from './until.ts';

const ID = 'ticket-4711';

/** A contract that has not ended, so only the request has its records deleted. */
export async function eraseEverywhere(world: World, board: Scoreboard, it: Contract): Promise<void> {
  const { people, records } = world;
  const operator = people.client('operator');
  const entity = { type: 'contract', id: it.id, producer: 'crm' };
  const show = () => operator.queryRequests({ id: ID });

  await board.scenario(
    'one request for erasure deletes in three stores, and its answer says so',
    async () => {
      const filed = await operator.fileRequest({ id: ID, kind: 'erase', entity, jurisdiction: 'DE' });
      expectStates(filed, 'due', it.records.length);
      const at = Date.now();
      const ofLane = LANES.map((lane) => ({ lane, own: it.records.filter((each) => each.lane === lane) }));
      await Promise.all(
        ofLane.map(async ({ lane, own }) => {
          board.timing(lane, (await records.gone(own, at + SOON)) - at, 'a request for erasure');
        }),
      );
      const answer = await until('it says that everything is gone', show, ({ holdings = [] }) =>
        holdings.every(({ state }) => state === 'gone'),
      );
      expectStates(answer, 'gone', it.records.length);
      const stores = new Set(answer.holdings?.map(({ store }) => store));
      if (stores.size !== LANES.length) throw new Error(`it names ${[...stores].join(', ')}`);
      return `${it.records.length} records in ${[...stores].join(', ')}`;
    },
  );

  await board.scenario(
    'the request is closed by the next hourly sweep, which is sent early here',
    async () => {
      await hourlySweep(world);
      const answer = await until('it is closed', show, ({ requests }) => requests[0]?.state === 'closed');
      expectStates(answer, 'gone', it.records.length);
      const steps = answer.requests[0]?.timeline.map(({ did }) => did).join(', ');
      const { text } = await operator.queryRequests({ id: ID, text: true });
      const told = text?.paragraphs.reduce((sum, { records: count }) => sum + count, 0);
      if (told !== it.records.length) throw new Error(`the text for the person is about ${told} records`);
      if (!text?.html.includes('deleted') || JSON.stringify(text).includes(MARKER))
        throw new Error(`the text for the person says: ${text?.html}`);
      return steps;
    },
  );

  await board.scenario('the deletion log has the request, its end, and an entry of each record', async () => {
    const actions = await until(
      'its end is sealed',
      () => sealedSteps(world, 'erase'),
      (found) => found.some(({ request }) => request?.step === 'closed'),
    );
    const steps = actions.map(({ request }) => request?.step).join(', ');
    const targets = new Set(actions.map(({ target }) => target));
    if (steps !== 'filed, closed' || targets.size !== 1 || targets.has(undefined))
      throw new Error(`${steps} of ${targets.size} requests`);
    const { holdings } = await people.client('auditor').querySubject({ entity });
    const logged = holdings.flatMap(({ disposed }) =>
      disposed.filter(({ outcome, log }) => outcome === 'deleted' && log !== undefined),
    );
    if (logged.length !== it.records.length) throw new Error(`${logged.length} records have an entry`);
    return `${steps}, and ${logged.length} deletions`;
  });
}

function expectStates({ holdings = [] }: RequestsAnswer, state: string, count: number): void {
  const found = holdings.map((each) => each.state);
  if (found.length === count && found.every((each) => each === state)) return;
  throw new Error(`the answer says ${found.join(', ')}, not ${count} times ${state}`);
}
