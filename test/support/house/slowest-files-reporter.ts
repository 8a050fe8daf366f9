import { relative } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

const shown = 8;

/** Names the files that took longest, setup and import included, so that a slow test is seen when it is written. */
export class SlowestFilesReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    if (modules.length < 2) return;
    const slowest = modules
      .map((module) => ({ name: relative(process.cwd(), module.moduleId), seconds: secondsOf(module) }))
      .toSorted((a, b) => b.seconds - a.seconds)
      .slice(0, shown);
    const lines = slowest.map(({ name, seconds }) => `  ${seconds.toFixed(2).padStart(7)} s  ${name}`);
    process.stdout.write(`\nSlowest files\n${lines.join('\n')}\n`);
  }
}

function secondsOf(module: TestModule): number {
  const { environmentSetupDuration, prepareDuration, collectDuration, setupDuration, duration } =
    module.diagnostic();
  return (environmentSetupDuration + prepareDuration + collectDuration + setupDuration + duration) / 1000;
}
