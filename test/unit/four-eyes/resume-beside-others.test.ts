import { expect, test } from 'vitest';
import { RESTORED, type WideHold } from '../../../shared/domain/record/hold.ts';
import { ANNA, type FourEyesWorld, fourEyesWorld } from '../../support/four-eyes/four-eyes-world.ts';
import { CASES, RULE } from '../../support/four-eyes/gated-cases.ts';

const STOPPED = CASES.find(({ kind }) => kind === 'approve')!;

/** Something else happens right after the pauses were read for the first time. Answers the pauses that are left. */
async function resumedBeside(
  world: FourEyesWorld,
  path: string,
  body: unknown,
  meanwhile: () => Promise<unknown>,
): Promise<readonly WideHold[]> {
  const { registry } = world;
  const wideHolds = registry.wideHolds.bind(registry);
  let reads = 0;
  registry.wideHolds = async () => {
    reads += 1;
    const before = await wideHolds();
    if (reads === 1) await meanwhile();
    return before;
  };
  expect((await world.ask(ANNA, path, body)).status).toBe(200);
  return (await wideHolds()).filter(({ kind }) => kind === 'pause');
}

test('one person cannot end a stop by aborting the rule while the same person resumes it', async () => {
  const world = fourEyesWorld();
  await STOPPED.prepare(world);
  const left = await resumedBeside(world, '/v1/lanes/orders/resume', RULE, () =>
    world.ask(ANNA, '/v1/lanes/orders/abort', RULE),
  );
  expect(left).toMatchObject([{ scope: { store: 'orders' }, only: RULE, state: 'placed' }]);
  expect(world.actions().map(({ did }) => did)).toEqual(['abort']);
});

test('a resume of all lanes does not end the pause of a restore that began meanwhile', async () => {
  const world = fourEyesWorld();
  const pause: WideHold = {
    id: RESTORED,
    kind: 'pause',
    scope: { everything: true },
    state: 'placed',
    at: 0,
  };
  const left = await resumedBeside(world, '/v1/lanes/resume', {}, () => world.registry.placeWideHold(pause));
  expect(left).toMatchObject([{ id: RESTORED, state: 'placed' }]);
  expect(world.actions()).toEqual([]);
});
