import { ASSUMED, type Charge, charge, idleMonth, MEASURED, million, total } from './cost-model.ts';
import type { PriceList } from './prices.ts';

/** `docs/cost.md`. */
export function costPage(list: PriceList): string {
  const idle = charge(idleMonth(), list);
  const life = charge(million(), list);
  const unchecked = Object.entries(list.prices).filter(([, { checked }]) => !checked);
  return `# What a deployment costs

Made by \`npm run cost\` from [\`infra/cost/prices.json\`](../infra/cost/prices.json); do not edit it here. Prices of ${list.region} as of ${list.asOf}, in US dollars, without tax and without the free tier. The applications' own stores are not in it.

- **Idle**: about **$${money(total(idle))} a month**, with ${ASSUMED.lanes} lanes. Nothing polls the registry; what costs are the key, alarms, metrics and the empty receives that Lambda makes on each queue.
- **A million holdings**, from registration to tombstone: about **$${money(total(life))}**, of which $${money(kept(life))} are for keeping the registry and its recovery for ${ASSUMED.months} months, and the log for ten years.

## A month in which nothing happens

${table(idle)}

## A million holdings

Each is registered over HTTP in batches of ${ASSUMED.apiBatch}, ended by one event of its own, and deleted in one stage.

${table(life)}

Extending or renewing a holding's contract costs 3 write units; an erasure of many holdings of one entity costs 2 and 2 for each. A second stage costs another disposal and a hint: ${MEASURED.disposal + 1} write units.

## Where the numbers come from

Measured at the SDK client, and held there by tests (\`test/protocol/counted-*\`), in write units a holding: registering ${MEASURED.registration}, the event ${MEASURED.event}, the disposal at most ${MEASURED.disposal}.

Assumed, because no test measures it:

| assumption | value |
|---|---|
${Object.entries(ASSUMED)
  .map(([name, value]) => `| ${words(name)} | ${value} |`)
  .join('\n')}

Not yet checked against the provider's own page: ${unchecked.map(([name]) => name).join('; ')}.
`;
}

function kept(charges: readonly Charge[]): number {
  return total(charges.filter(({ price }) => price.includes('GB-month')));
}

function table(charges: readonly Charge[]): string {
  const rows = charges.map(
    ({ what, price, amount, dollars }) => `| ${what} | ${price} | ${count(amount)} | ${money(dollars)} |`,
  );
  return [
    '| what | priced by | amount | $ |',
    '|---|---|---:|---:|',
    ...rows,
    `| **all of it** | | | **${money(total(charges))}** |`,
  ].join('\n');
}

function count(amount: number): string {
  return amount.toLocaleString('en-US', { maximumFractionDigits: 1 });
}

function money(dollars: number): string {
  return dollars.toFixed(2);
}

/** `emptyReceives` as a person writes it. */
function words(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
