import { loadavg, availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { tooLarge } from '../../infra/build/bundle-sizes.ts';
import { demoDeployment } from '../support/deployment.ts';
import { bundleReport } from './bundle-report.ts';
import { BARE_STORES } from './bare-stores.ts';
import { type BenchReport, reportText } from './bench-report.ts';
import { countedLimits, exceeded } from './counted-limits.ts';
import { type BesideBare, disposalsBesideBare } from './disposals-beside-bare.ts';
import { foldingLimits } from './folding.ts';
import { rulesLimits } from './rules.ts';
import { simulatedYears } from './simulated-years.ts';
import { timeToReady } from './time-to-ready.ts';

const USAGE =
  'Usage: npm run bench [-- [--json] [--subjects N]]   --json: the numbers alone, for programs   --subjects: of the simulator';
const RECORDS = 1000;

const options = optionsOf(process.argv.slice(2));
if (options === undefined) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(2);
}
const report = await measured(options.subjects);
process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : `\n${reportText(report)}\n`);
const over = [
  ...report.limits.filter(exceeded).map(({ what }) => what),
  ...report.bundles.filter(tooLarge).map(({ name }) => `bundle ${name}`),
];
for (const what of over) process.stderr.write(`Exceeded: ${what}\n`);
process.exitCode = over.length === 0 ? 0 : 1;

/** One after the other, so that no benchmark disturbs another. */
async function measured(subjects: number): Promise<BenchReport> {
  const configuration = await demoDeployment();
  say('npm start …');
  const start = await timeToReady();
  say('disposals beside bare calls …');
  const disposals: BesideBare[] = [];
  for (const [kind, bare] of Object.entries(BARE_STORES)) {
    if ('not' in bare) say(`not timed: ${kind}, for ${bare.not}`);
    else disposals.push(await disposalsBesideBare(configuration, bare, RECORDS));
  }
  say(`ten years of ${subjects} simulated subjects …`);
  const simulator = await simulatedYears(subjects);
  say('bundles …');
  const bundles = await bundleReport();
  say('counted limits …');
  const counted = await countedLimits(configuration);
  say('rules …');
  const rules = await rulesLimits();
  say('folding …');
  const folding = foldingLimits();
  const wrong = { what: 'simulator: disposals early, late or lost', measured: simulator.wrong, limit: 0 };
  const machine = { cores: availableParallelism(), load: loadavg()[0] ?? 0, node: process.versions.node };
  return { limits: [...counted, ...rules, ...folding, wrong], start, simulator, disposals, bundles, machine };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function optionsOf(args: readonly string[]): { json: boolean; subjects: number } | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { json: { type: 'boolean', default: false }, subjects: { type: 'string', default: '200' } },
    });
    const subjects = Number(values.subjects);
    return Number.isInteger(subjects) && subjects > 0 ? { json: values.json, subjects } : undefined;
  } catch {
    return undefined;
  }
}
