import { basename } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';
import type { ExploredSoFar } from '../model/explored-so-far.ts';

export interface Explored {
  readonly file: string;
  readonly explored: ExploredSoFar;
  readonly isWrong: boolean;
}

/** Says what models, kills and simulated years covered: a line for each model, run and file with kills, and the sum. */
export class ExploredReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const all = modules.flatMap(exploredBy);
    if (all.length > 0) process.stdout.write(`\n${exploredText(all)}\n`);
  }
}

function exploredBy(module: TestModule): Explored[] {
  const file = basename(module.moduleId, '.test.ts');
  return [...module.children.allTests()].flatMap((test) => {
    const { explored } = test.meta();
    return explored === undefined ? [] : [{ file, explored, isWrong: test.result().state === 'failed' }];
  });
}

export function exploredText(all: readonly Explored[]): string {
  const models = all.flatMap(({ file, explored }) => explored.models.map((model) => ({ file, ...model })));
  const files = [...Map.groupBy(all, ({ file }) => file)].map(([file, own]) => ({ file, ...sumOf(own) }));
  const interleavings = models.reduce((sum, one) => sum + one.interleavings, 0);
  const { kills, sleeps } = sumOf(all);
  const violations = all.filter(({ isWrong }) => isWrong).length;
  const lines = [
    ...models.map(({ file, line }) => `${file}, ${line}`),
    ...all.flatMap(({ file, explored }) => explored.lives.map((line) => `${file}: ${line}`)),
    ...files.filter((one) => one.kills + one.sleeps > 0).map((one) => `${one.file}: ${killed(one)}`),
    `Sum: ${some(interleavings, 'interleaving')} of ${some(models.length, 'model')}, ${killed({ kills, sleeps })}: ${some(violations, 'violation')}`,
  ];
  return ['Explored', ...lines.map((line) => `  ${line}`)].join('\n');
}

function sumOf(all: readonly Explored[]): Pick<ExploredSoFar, 'kills' | 'sleeps'> {
  return {
    kills: all.reduce((sum, { explored }) => sum + explored.kills, 0),
    sleeps: all.reduce((sum, { explored }) => sum + explored.sleeps, 0),
  };
}

function killed({ kills, sleeps }: Pick<ExploredSoFar, 'kills' | 'sleeps'>): string {
  return `${some(kills, 'kill')} and ${some(sleeps, 'sleep')} over a lease`;
}

function some(count: number, one: string): string {
  return `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`;
}
