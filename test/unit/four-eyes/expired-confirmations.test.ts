import { expect, test } from 'vitest';
import {
  ANNA,
  BEN,
  CLEO,
  firstIn,
  fourEyesWorld,
  proposedIn,
} from '../../support/four-eyes/four-eyes-world.ts';
import { CASES } from '../../support/four-eyes/gated-cases.ts';

const DAY = 86_400_000;

test.each(CASES.map((one) => ({ name: one.kind, one })))(
  'what was confirmed and done is not called expired, where the process died before it noted that: $name',
  async ({ one }) => {
    const world = fourEyesWorld();
    await one.prepare(world);
    const { id } = proposedIn(await world.ask(ANNA, one.path, one.body(world)));
    const { registry } = world;
    const put = registry.putProposal.bind(registry);
    registry.putProposal = async (next) => {
      if (next.state !== 'confirmed') throw new Error('the process died');
      return put(next);
    };
    expect((await world.confirm(BEN, id)).status).toBe(500);
    registry.putProposal = put;
    expect(await one.effect(world)).toBe(1);
    world.clock.advance(DAY);
    const shown = firstIn(await world.query(CLEO, { id }));
    expect(shown).toMatchObject({ state: 'confirmed', confirmedBy: BEN });
    expect(shown.next).toMatch(/confirmed in time/);
    const again = await world.confirm(CLEO, id);
    expect(again.body).toMatchObject({ code: 'PROPOSAL_OVER', status: 409 });
    expect(JSON.stringify(again.body)).toContain('confirmed, but its time is over');
  },
);
