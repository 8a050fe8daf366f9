import type { Reporter, TestCase, TestModule } from 'vitest/node';
import { FIELD_CASES } from '../field-cases.ts';

/** Says how many of the failures that people met have tests, and that all of them passed in this run. */
export class FieldCaseReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const ran = FIELD_CASES.map(({ id, tests: names }) => ({
      id,
      found: names.map((name) => named(name, tests)),
    }));
    // A run of some files says nothing of the cases in others.
    if (!ran.every(({ found }) => found.every((own) => own.length > 0))) return;
    const wrong = ran.filter(({ found }) => !found.flat().every((one) => one.result().state === 'passed'));
    const list = wrong.length === 0 ? '' : `; wrong: ${wrong.map(({ id }) => id).join(', ')}`;
    process.stdout.write(`\nField cases: ${ran.length - wrong.length}/${ran.length}${list}\n`);
  }
}

function named([file, title]: readonly [string, string], tests: readonly TestCase[]): TestCase[] {
  return tests.filter((one) => one.module.moduleId.endsWith(`/${file}`) && one.fullName.includes(title));
}
