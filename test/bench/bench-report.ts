import Table from 'cli-table3';
import type { BundleSize } from '../../infra/build/bundle-functions.ts';
import { printSizes } from '../../infra/build/bundle-sizes.ts';
import { type CountedLimit, exceeded } from './counted-limits.ts';
import type { BesideBare } from './disposals-beside-bare.ts';
import type { SimulatedYears } from './simulated-years.ts';
import type { StartTimes } from './time-to-ready.ts';

export interface BenchReport {
  readonly limits: readonly CountedLimit[];
  readonly start: StartTimes;
  readonly simulator: SimulatedYears;
  readonly disposals: readonly BesideBare[];
  readonly bundles: readonly BundleSize[];
  /** The load shows what else the machine had to do. */
  readonly machine: { readonly cores: number; readonly load: number; readonly node: string };
}

export function reportText({ limits, start, simulator, disposals, bundles, machine }: BenchReport): string {
  return [
    'Counted at the SDK client (registry, log and queues; the same on every machine)',
    table(
      ['', 'measured', 'limit', ''],
      limits.map((limit) => [
        limit.what,
        rounded(limit.measured, 3),
        rounded(limit.limit, 3),
        exceeded(limit) ? 'EXCEEDED' : 'ok',
      ]),
    ),
    `Timed (${machine.cores} cores, load ${rounded(machine.load, 1)}, Node ${machine.node})`,
    table(
      ['', 'seconds'],
      [
        ['npm start: until it is ready', rounded(start.readySeconds, 1)],
        [`npm start: ${start.stories} stories, to its end`, rounded(start.wholeSeconds, 1)],
        [
          `simulator: ${simulator.years} years, ${simulator.subjects} subjects, ${simulator.disposals} disposals`,
          rounded(simulator.seconds, 1),
        ],
      ],
    ),
    'Disposing beside bare batched calls, in turn, in one process (medians over chunks of 100)',
    table(
      ['', 'disposals/s', 'bare deletes/s', 'takes times bare', 'its store calls alone'],
      disposals.map((one) => [
        `${one.kind}: ${one.call}`,
        rounded(one.disposalsPerSecond, 0),
        rounded(one.barePerSecond, 0),
        rounded(one.timesBare, 1),
        rounded(one.storeCallsTimesBare, 1),
      ]),
    ),
    'Function bundles, minified',
    printSizes(bundles),
  ].join('\n\n');
}

function rounded(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const made = new Table({
    head: [...head],
    style: { head: [], border: [] },
    colAligns: head.map((_, index) => (index === 0 ? 'left' : 'right')),
  });
  for (const row of rows) made.push([...row]);
  return made.toString();
}
