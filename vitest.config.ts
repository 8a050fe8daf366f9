import { defineConfig } from 'vitest/config';
import { ExploredReporter } from './test/support/house/explored-reporter.ts';
import { FieldCaseReporter } from './test/support/house/field-case-reporter.ts';
import { SlowestFilesReporter } from './test/support/house/slowest-files-reporter.ts';

/** Everything below test/ runs in `npm test`, except what needs an AWS account (e2e) or measures (bench). */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'test/bench/**'],
    environment: 'node',
    setupFiles: ['test/support/house/fixed-seed.ts', 'test/support/house/explored-of-each-test.ts'],
    sequence: { shuffle: { files: true, tests: true } },
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    unstubEnvs: true,
    restoreMocks: true,
    // What was explored and the slowest files come first, so that vitest's own summary stays the last thing on the screen.
    reporters: [new ExploredReporter(), new FieldCaseReporter(), new SlowestFilesReporter(), 'default'],
  },
});
