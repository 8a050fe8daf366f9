import { loadavg, availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { BARE_STORES } from './bare-stores.ts';
import { type BenchReport, reportText } from './bench-report.ts';
import { bundleRows } from './bundle-report.ts';
import { BARE_COLLECTIONS } from './collections/bare-collections.ts';
import { collectionRows } from './collections/collection-rows.ts';
import { columnRows } from './column-rows.ts';
import { countedRows } from './counted-rows.ts';
import { cpuOfDisposing } from './cpu-of-disposing.ts';
import { datasetRows } from './datasets/dataset-rows.ts';
import { disposalsBesideBare } from './disposals-beside-bare.ts';
import { foldingRows } from './folding.ts';
import { idleMonthRow } from './idle-month.ts';
import { exceeded, type Row } from './row.ts';
import { rulesRows } from './rules.ts';
import { simulatedYears } from './simulated-years.ts';
import { timeToReady } from './time-to-ready.ts';

const USAGE =
  'Usage: npm run bench [-- [--json] [--subjects N]]   --json: the numbers alone, for programs   --subjects: of the simulator';
const RECORDS = 1000;
const COLLECTED = 100_000;

const options = optionsOf(process.argv.slice(2));
if (options === undefined) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(2);
}
const report = await measured(options.subjects);
process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : `\n${reportText(report)}\n`);
const over = report.rows.filter(exceeded);
for (const { what } of over) process.stderr.write(`Exceeded: ${what}\n`);
process.exitCode = over.length === 0 ? 0 : 1;

/** One after the other, so that no benchmark disturbs another. */
async function measured(subjects: number): Promise<BenchReport> {
  const rows: Row[] = [];
  say('npm start …');
  const start = await timeToReady();
  say('own CPU of a disposal …');
  const cpu = await cpuOfDisposing();
  say('counted limits …');
  rows.push(...(await countedRows()), cpu, idleMonthRow());
  say('columns of facts …');
  rows.push(...(await columnRows()));
  say('folding and rules …');
  rows.push(...foldingRows(), ...(await rulesRows()));
  say('bundles …');
  rows.push(...(await bundleRows()), ...start);
  say(`ten years of ${subjects} simulated subjects …`);
  rows.push(...(await simulatedYears(subjects)));
  say('disposals beside bare calls …');
  for (const [kind, bare] of Object.entries(BARE_STORES)) {
    if ('not' in bare) say(`not timed: ${kind}, for ${bare.not}`);
    else rows.push(...(await disposalsBesideBare(bare, RECORDS)));
  }
  for (const kind of Object.keys(BARE_COLLECTIONS)) {
    say(`a collection of ${COLLECTED} records of ${kind} beside bare calls …`);
    rows.push(...(await collectionRows(kind, COLLECTED)));
  }
  say('datasets beside a hand-written DELETE …');
  for await (const row of datasetRows()) rows.push(row);
  const machine = { cores: availableParallelism(), load: loadavg()[0] ?? 0, node: process.versions.node };
  return { rows, machine };
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
