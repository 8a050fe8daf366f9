import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import { credentialsOf, servedWorld } from '../../support/api-server.ts';
import { apiWorld, configuration, type principals } from '../../support/api-world.ts';
import { anEvent, aPolicy, aRule } from '../../support/rules/rule-world.ts';
import { tenure } from '../../support/run-tenure.ts';

/** Replays docs/erasure-walkthrough.md: what the page shows is what the command says, at the times that it names. */

const page = readFileSync(new URL('../../../docs/erasure-walkthrough.md', import.meta.url), 'utf8');
const WRITTEN = '2026-02-01T09:00:00Z';
const INVOICE = '7c9e4d10-8b2f-4a65-b3d1-0f6e5a4b3c28';

const policies = {
  policies: [
    aPolicy(
      {},
      {
        name: 'shop-policy',
        zone: 'Europe/Berlin',
        categories: {
          'contact-data': { rules: [aRule('3 years after contract.ended')] },
          invoices: {
            rules: [
              aRule('7 years after the end of the calendar year of invoice.issued', {
                basis: 'law',
                level: 'statutory',
                source: { document: 'Fiscal Code § 147 (example)' },
              }),
            ],
          },
        },
        events: { 'contract.ended': anEvent(), 'invoice.issued': anEvent({ entity: 'invoice' }) },
      },
    ),
  ],
};

const { orders, invoices } = configuration.stores;
const { shop } = configuration.producers;
if (orders === undefined || invoices === undefined || shop === undefined) throw new Error('no such world');
const own: Configuration = {
  ...configuration,
  policies,
  foldProfile: foldProfile(policies),
  entityTypes: { ...configuration.entityTypes, invoice: { ids: 'owned', normalise: [] } },
  stores: { orders: { ...orders, restricts: true }, invoices: { ...invoices, restricts: true } },
  producers: {
    shop: {
      ...shop,
      categories: ['contact-data', 'invoices'],
      events: ['contract.ended', 'invoice.issued'],
    },
  },
};

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** A shop with one customer, who has a contract and an invoice. */
async function aShop() {
  const world = await servedWorld(apiWorld(WRITTEN, undefined, own));
  stops.push(() => world.stop());
  const person = { type: 'person', id: 'p-17' };
  const about = { purposes: ['service'] };
  await world.as('shop').registerHoldings([
    {
      ...about,
      store: 'orders',
      locator: ['shop/17'],
      categories: ['contact-data'],
      entities: [person, { type: 'contract', id: 'c-1' }],
    },
    {
      ...about,
      store: 'invoices',
      locator: [INVOICE, 1],
      categories: ['invoices'],
      entities: [person, { type: 'invoice', id: 'i-1' }],
    },
  ]);
  await world.as('shop').sendEvents([
    {
      specversion: '1.0',
      id: 'e-1',
      source: 'shop.example',
      type: 'invoice.issued',
      time: WRITTEN,
      data: { entity: { type: 'invoice', id: 'i-1' }, occurred: '2026-02-01' },
    },
  ]);
  world.stores['orders']?.put(['shop/17'], { name: 'Zoe' });
  world.stores['invoices']?.put([INVOICE, 1], { customer: 'Zoe', amount: 4900 });
  await world.deliver();
  return world;
}

const HOUR = 3_600_000;

/** With the sweep of the hour before: it closes a request of which nothing is left to do. */
async function passUntil(world: Awaited<ReturnType<typeof aShop>>, at: string): Promise<void> {
  const swept = Date.parse(at) - HOUR;
  if (swept > world.clock.now()) {
    await world.wakeUntil(new Date(swept).toISOString());
    await world.sweepAt(new Date(swept).toISOString());
  }
  await world.wakeUntil(at);
}

interface Shown {
  /** When it is typed. */
  readonly at: string;
  readonly who: keyof typeof principals;
  readonly line: string;
  readonly output: readonly string[];
}

/** `# 2026-03-01T10:00:00Z operator` says when and who; `$ tenure …` is what is typed, and the rest is the answer. */
function shownIn(text: string): readonly Shown[] {
  const blocks = text.split('```').filter((block) => block.includes('$ tenure '));
  return blocks.flatMap((block) => {
    const [, at = '', who = ''] = /# (\S+Z) (operator|auditor)/.exec(block) ?? [];
    return block
      .split('$ tenure ')
      .slice(1)
      .map((step) => {
        const [line = '', ...output] = step.trim().split('\n');
        return { at, who: who as 'operator' | 'auditor', line, output };
      });
  });
}

test('docs/erasure-walkthrough.md shows what the command says', async () => {
  const world = await aShop();
  const steps = shownIn(page);
  for (const { at, who, line, output } of steps) {
    await passUntil(world, at);
    const { accessKeyId, secretAccessKey } = credentialsOf(who);
    const env = {
      TENURE_URL: world.url,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    };
    const { out, err } = await tenure(line.split(' '), env, () => world.clock.now());
    const said = `${out}${err}`.trimEnd().split('\n');
    expect(
      said.map((each) => each.trimEnd()),
      line,
    ).toEqual(output);
    await world.deliver();
  }
  expect(steps).toHaveLength(6);
});
