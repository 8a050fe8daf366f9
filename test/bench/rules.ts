import { build } from 'esbuild';
import { plan } from '../../shared/domain/plan/plan.ts';
import { Temporal } from 'temporal-polyfill/implementation';
import type { Row } from './row.ts';
import { aPolicy, aRule, inputOf } from '../support/rules/rule-world.ts';

/** What rules may cost. */
export async function rulesRows(): Promise<Row[]> {
  return [
    {
      what: 'rules: planning one holding, times its bare Temporal additions',
      measured: planningRatio(),
      limit: 3,
    },
    { what: 'rules: the domain, minified, kB', measured: await domainBundleKilobytes(), limit: 200 },
  ];
}

const RULE = 'at least 3 years and at most 10 years after the end of the calendar year of contract.ended';

/**
 * Planning one holding against only the Temporal additions that its rule needs: the start on the local calendar, the
 * end of its year, both periods, and the three instants.
 */
function planningRatio(): number {
  const rounds = 4000;
  const zone = 'Asia/Almaty';
  const policies = [aPolicy({ records: [aRule(RULE)] }, { zone })];
  const inputs = Array.from({ length: 60 }, (_, index) =>
    inputOf({
      policies,
      subjects: [
        {
          events: {
            'contract.ended': new Date(Date.UTC(2005, index * 4, 1 + (index % 28), 9)).toISOString(),
          },
        },
      ],
    }),
  ).map((input) => ({ ...input, policies: { policies } }));
  const [first] = inputs;
  if (first === undefined) throw new Error('nothing to plan');
  // One set of policies for all, as a function has.
  const shared = inputs.map((input) => ({ ...input, policies: first.policies }));
  let sum = 0;
  const planning = (index: number): void => {
    const input = shared[index % shared.length];
    sum += (input && plan(input).next?.actAt) ?? 0;
  };
  const adding = (index: number): void => {
    const occurred = [...(shared[index % shared.length]?.states.values() ?? [])][0]?.occurrences[
      'contract.ended'
    ]?.[0];
    sum += bareAdditions(occurred?.occurred ?? '2020-01-01T00:00:00Z', zone);
  };
  for (let index = 0; index < rounds; index++) {
    planning(index);
    adding(index);
  }
  const ratio = timesAsLong(planning, adding, 200);
  if (!Number.isFinite(sum)) throw new Error('a plan without a date');
  return ratio;
}

function bareAdditions(occurred: string, zone: string): number {
  const start = Temporal.Instant.from(occurred).toZonedDateTimeISO(zone);
  const local = start.toPlainDate();
  const end = Temporal.PlainDate.from({ year: local.year, month: 12, day: 31 }).add({ days: 1 });
  const least = end.add({ years: 3 });
  const most = end.add({ years: 10 });
  return (
    end.toZonedDateTime(zone).epochMilliseconds +
    least.toZonedDateTime(zone).epochMilliseconds +
    most.toZonedDateTime(zone).epochMilliseconds
  );
}

/** How many times longer `a` takes than `b`: the median of short alternating rounds, because the machine is shared. */
function timesAsLong(a: (index: number) => void, b: (index: number) => void, calls: number): number {
  const taken = (work: (index: number) => void): number => {
    const begun = process.hrtime.bigint();
    for (let index = 0; index < calls; index++) work(index);
    return Number(process.hrtime.bigint() - begun);
  };
  const ratios = Array.from({ length: 61 }, () => taken(a) / taken(b)).toSorted((x, y) => x - y);
  return ratios[30] ?? Number.NaN;
}

/** All that planning, explaining and checking rules needs, minified, without zod and the Temporal polyfill. */
export async function domainBundleKilobytes(): Promise<number> {
  const domain = new URL('../../shared/domain/', import.meta.url).pathname;
  const files = [
    'plan/plan',
    'plan/due',
    'plan/as-of',
    'facts/fold',
    'configuration/check-policy-set',
    'rule/parse',
    'rule/print',
    'rule/resolve',
    'rule/contradictions',
  ];
  const contents = files.map((file) => `export * from ${JSON.stringify(`${domain}${file}.ts`)};`).join('\n');
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: domain, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    external: ['zod', 'temporal-polyfill/implementation'],
  });
  return (outputFiles[0]?.contents.length ?? 0) / 1000;
}
