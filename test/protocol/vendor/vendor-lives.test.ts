import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { strength } from '../../../shared/domain/record/actions.ts';
import type { LogRef } from '../../../shared/domain/record/ids.ts';
import { handleOf } from '../../../shared/domain/record/notice.ts';
import type { Acted, ReadBack } from '../../../shared/ports/store.ts';
import { placeHold, release } from '../../../shared/protocol/hold.ts';
import { entityRefsOf, planOf } from '../../../shared/protocol/plan-of.ts';
import { confirmAsked, openRequestsAbout } from '../../../shared/protocol/vendor/confirm-asked.ts';
import type { Driver } from '../../support/driver/driver.ts';
import { aHoldOn } from '../../support/driver/hold-play.ts';
import { killAt } from '../../support/driver/kill-points.ts';
import { entriesIn, violations } from '../../support/driver/violations.ts';
import { OTHER_PRODUCER, PRODUCER } from '../../support/driver/world.ts';
import { staged, type Staged, stagedRules, type StagedRequest } from '../../support/vendor/staged-vendor.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const RECORDS = ['n-1', 'n-2'];
const STAGES = ['restrict', 'anonymise', 'delete'] as const;
const RULES = stagedRules(
  'restrict 1 day after contract.ended',
  'anonymise 3 days after contract.ended',
  'delete 6 days after contract.ended',
);
/** What no worker of a vendor can say: it does nothing itself, and reads nothing. */
const OF_STORES = /its worker did nothing$|without having read back$|^a deletion has no entry$/;

/** How a vendor treats requests for one stage. */
type Manner = 'does it' | 'loses it' | 'is down' | 'is busy' | 'denies it';
const MANNERS: readonly Manner[] = ['does it', 'loses it', 'is down', 'is busy', 'denies it'];

type Step =
  | {
      readonly does: 'registers' | 'other registers' | 'ends' | 'renews' | 'withdraws' | 'holds' | 'releases';
    }
  | { readonly does: 'confirms'; readonly which: number }
  | { readonly does: 'turns'; readonly stage: (typeof STAGES)[number]; readonly manner: Manner }
  | { readonly does: 'dies'; readonly call: number; readonly when: 'before' | 'after' };

const step: fc.Arbitrary<Step> = fc.oneof(
  ...(['registers', 'other registers', 'ends', 'renews', 'withdraws', 'holds', 'releases'] as const).map(
    (does) => fc.constant({ does }),
  ),
  fc.record({ does: fc.constant('confirms' as const), which: fc.nat(2) }),
  fc.record({
    does: fc.constant('turns' as const),
    stage: fc.constantFrom(...STAGES),
    manner: fc.constantFrom(...MANNERS),
  }),
  fc.record({
    does: fc.constant('dies' as const),
    call: fc.integer({ min: 1, max: 30 }),
    when: fc.constantFrom('before' as const, 'after' as const),
  }),
);

const life = fc.record({
  manners: fc.tuple(...STAGES.map(() => fc.constantFrom(...MANNERS))),
  steps: fc.array(fc.tuple(step, fc.constantFrom(2 * HOUR, 20 * HOUR, 50 * HOUR)), {
    minLength: 4,
    maxLength: 10,
  }),
});

const ANSWERS: Partial<Record<Manner, Acted>> = {
  'is down': { outcome: 'failed', code: 'STORE_TIMEOUT' },
  'is busy': { outcome: 'failed', code: 'STORE_THROTTLED', retryAfterSeconds: 7200 },
};
const SAYS: Partial<Record<Manner, ReadBack>> = {
  'does it': { state: 'confirmed' },
  'denies it': { state: 'refused', code: 'STORE_DENIED' },
  'is down': { state: 'unknown', code: 'STORE_TIMEOUT' },
};

/** What happens to two records of one contract, and what is wrong on the way. */
class Life {
  readonly wrong: string[] = [];
  readonly manners: Map<string, Manner>;
  it: Staged | undefined;
  isHeld = false;
  held: ReturnType<typeof aHoldOn> | undefined;

  constructor(manners: readonly Manner[]) {
    this.manners = new Map(manners.map((manner, index) => [STAGES[index] ?? '', manner]));
  }

  get d(): Driver {
    if (this.it === undefined) throw new Error('not begun');
    return this.it.d;
  }

  async begin(): Promise<void> {
    this.it = await staged(
      {
        to: (request) => this.asked(request),
        of: (verb) => SAYS[this.manners.get(verb) ?? 'does it'],
      },
      { ...RULES, more: ['n-2'] },
    );
  }

  asked({ verb, record, at }: StagedRequest): Acted | undefined {
    const holding = this.it?.d.holding(record);
    if (holding === undefined) return ANSWERS[this.manners.get(verb) ?? 'does it'];
    if (this.isHeld && (verb === 'delete' || verb === 'anonymise')) this.wrong.push(`${verb} under a hold`);
    const open = this.d.registry
      .allChunks()
      .flatMap(({ uncertain }) => uncertain)
      .filter(
        (one) => one.ref === holding.ref && one.generation === holding.generation && one.stage === verb,
      );
    if (open.some(({ asked }) => asked?.accepted === true && at < asked.at + 7 * DAY))
      this.wrong.push(`${verb} is asked for again while the vendor has it`);
    return ANSWERS[this.manners.get(verb) ?? 'does it'];
  }

  async does(what: Step): Promise<void> {
    const { d } = this;
    const now = new Date(d.clock.now()).toISOString();
    switch (what.does) {
      case 'registers':
        d.registers('n-1', ['c-1']);
        break;
      case 'other registers':
        d.registers('n-1', ['c-1', 'c-2'], { producer: OTHER_PRODUCER });
        break;
      case 'ends':
        d.happens('contract.ended', 'c-1', now);
        break;
      case 'renews':
        d.happens('contract.renewed', 'c-1', now);
        break;
      case 'withdraws':
        d.withdraws('n-1');
        break;
      case 'holds':
        await this.hold(true);
        break;
      case 'releases':
        await this.hold(false);
        break;
      case 'confirms':
        await this.confirm(what.which);
        break;
      case 'turns':
        this.manners.set(what.stage, what.manner);
        break;
      case 'dies':
        d.onNext('dispose', killAt(what.call, what.when));
    }
  }

  async hold(isHeld: boolean): Promise<void> {
    const { d } = this;
    if (isHeld === this.isHeld) return;
    const hold = aHoldOn(await d.contract('c-1'), { id: `h-${d.clock.now()}` });
    if (isHeld) this.held = hold;
    if (isHeld) await placeHold(d.core, hold);
    else if (this.held !== undefined) await release(d.core, this.held);
    this.isHeld = isHeld;
  }

  async confirm(which: number): Promise<void> {
    const { d } = this;
    const name = handleOf(d.ref('n-1')) as LogRef;
    const open = await openRequestsAbout(d.core, name);
    const one = open[which % Math.max(1, open.length)];
    if (one === undefined) return;
    await confirmAsked(d.core, name, [one.request]);
  }

  /** One chunk has the requests about a record, and the strongest stage that has been due for hours was asked for. */
  async look(): Promise<void> {
    const { d } = this;
    const chunks = d.registry.allChunks();
    for (const id of RECORDS) {
      const holding = d.holding(id);
      if (holding?.state !== 'active') continue;
      const own = (all: (typeof chunks)[number]['uncertain']) =>
        all.filter(
          (one) =>
            one.asked !== undefined && one.ref === holding.ref && one.generation === holding.generation,
        );
      const withSome = chunks.filter(({ uncertain }) => own(uncertain).length > 0);
      if (withSome.length > 1) this.wrong.push(`${withSome.length} chunks ask about ${id}`);
      if (withSome.some(({ refs }) => !refs.includes(holding.ref)))
        this.wrong.push(`a chunk forgets ${id}, and keeps its request`);
      const requests = withSome.flatMap(({ uncertain }) => own(uncertain));
      const states = await d.registry.states(entityRefsOf([holding]));
      const { stages } = planOf(d.core, holding, states, d.clock.now());
      const late = stages
        .filter(
          ({ status, actAt }) => status === 'due' && actAt !== undefined && actAt < d.clock.now() - 15 * HOUR,
        )
        .map(({ action }) => action);
      const [strongest] = (['delete', 'anonymise', 'restrict'] as const).filter((stage) =>
        late.includes(stage),
      );
      if (strongest === undefined || (this.isHeld && strongest !== 'restrict')) continue;
      // What is stronger includes it.
      if (!requests.some(({ stage }) => strength(stage) >= strength(strongest)))
        this.wrong.push(`${id} waits, and nothing asks to ${strongest} it`);
    }
  }

  /** The vendor does everything from now on, and nothing is held. */
  async end(): Promise<readonly string[]> {
    const { d } = this;
    for (const stage of STAGES) this.manners.set(stage, 'does it');
    this.manners.set('lift', 'does it');
    await this.hold(false);
    const now = new Date(d.clock.now()).toISOString();
    for (const contract of ['c-1', 'c-2'])
      for (const producer of [PRODUCER, OTHER_PRODUCER])
        d.happens('contract.ended', contract, now, { producer });
    await d.pass(12 * DAY);
    d.toSeal();
    await d.settle();
    this.wrong.push(...(await violations(d)).filter((sentence) => !OF_STORES.test(sentence)));
    for (const id of RECORDS) {
      const { state } = d.holding(id) ?? {};
      if (state !== 'disposed' && state !== 'withdrawn') this.wrong.push(`${id} is ${state} in the end`);
    }
    for (const { entry } of entriesIn(d)) {
      const { stage, outcome, rule, acted, due } = entry;
      if (outcome === 'requested' && (acted === undefined || due === undefined || acted < due))
        this.wrong.push(`${stage} is asked for early`);
      if (rule !== '' && !rule.startsWith(stage === 'lift' ? '' : stage))
        this.wrong.push(`${stage} ${outcome} is told by another rule: ${rule}`);
    }
    return [...new Set(this.wrong)];
  }
}

test('whatever happens to records at a vendor: each is asked for once, nothing is forgotten, late, early or kept', async () => {
  await fc.assert(
    fc.asyncProperty(life, async ({ manners, steps }) => {
      const one = new Life(manners);
      await one.begin();
      await one.d.pass(2 * HOUR);
      for (const [what, then] of steps) {
        await one.does(what);
        await one.d.pass(then);
        await one.look();
      }
      expect(await one.end()).toEqual([]);
    }),
    {
      numRuns: Number(process.env['VENDOR_LIVES'] ?? 25),
      endOnFailure: process.env['VENDOR_LIVES'] === undefined,
    },
  );
}, 240_000);
