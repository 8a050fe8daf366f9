import { build } from 'esbuild';
import { plan } from '../../shared/domain/plan.ts';
import { Temporal } from 'temporal-polyfill/implementation';
import { aPolicy, aRule, inputOf } from '../support/rule-world.ts';

/** One sentence for each number, as `npm run bench` prints them. */
export interface RulesBench {
  readonly ratio: number;
  readonly planMicroseconds: number;
  readonly bareMicroseconds: number;
  readonly bundleKilobytes: number;
}

const RULE = 'at least 3 years and at most 10 years after the end of the calendar year of contract.ended';

/**
 * Planning one holding against the Temporal additions that its rule needs and no more: the start on the local calendar,
 * the end of its year, both periods, and the three instants.
 */
export async function rulesBench(rounds = 4000): Promise<RulesBench> {
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
  const [planned, bare] = best(planning, adding, rounds / 10);
  if (!Number.isFinite(sum)) throw new Error('a plan without a date');
  return {
    ratio: planned / bare,
    planMicroseconds: planned,
    bareMicroseconds: bare,
    bundleKilobytes: await domainBundleKilobytes(),
  };
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

/** Microseconds a call: the best of many short rounds in turn, because the machine is shared. */
function best(a: (index: number) => void, b: (index: number) => void, calls: number): [number, number] {
  const microseconds = (work: (index: number) => void): number => {
    const begun = process.hrtime.bigint();
    for (let index = 0; index < calls; index++) work(index);
    return Number(process.hrtime.bigint() - begun) / 1000 / calls;
  };
  const rounds = Array.from({ length: 40 }, () => [microseconds(a), microseconds(b)] as const);
  return [Math.min(...rounds.map(([one]) => one)), Math.min(...rounds.map(([, two]) => two))];
}

/** All that planning, explaining and checking rules needs, minified, without zod and the Temporal polyfill. */
export async function domainBundleKilobytes(): Promise<number> {
  const domain = new URL('../../shared/domain/', import.meta.url).pathname;
  const files = [
    'plan',
    'due',
    'as-of',
    'fold',
    'check-policy-set',
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

if (import.meta.main) {
  const bench = await rulesBench();
  console.log(
    `planning a holding: ${bench.planMicroseconds.toFixed(1)} µs, ${bench.ratio.toFixed(2)} × its bare Temporal additions (limit 3)`,
  );
  console.log(`domain bundle: ${bench.bundleKilobytes.toFixed(1)} kB (limit 100)`);
}
