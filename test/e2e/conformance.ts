import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finish, ROOT } from './command.ts';
import type { Scoreboard } from './scoreboard.ts';
import type { World } from './world.ts';

/**
 * The embedded engine and the emulator are two independent implementations of S3. Races need a front that reads plain
 * HTTP.
 */
const SUITE = ['store-s3', 'store-s3-locks', 'store-s3-masks', 'store-s3-versions'];

/** The suite that every kind of store has to pass, over the emulator's S3 instead of the embedded one. */
export function checkConformance({ app, emulator }: World, board: Scoreboard): Promise<void> {
  return board.scenario('stores of kind s3 pass their suite over the emulator, too', async () => {
    const files = SUITE.map((name) => `test/conformance/store/${name}.test.ts`);
    const vitest = join(ROOT, 'node_modules/.bin/vitest');
    const env = { ...emulator.env, TENURE_S3_ENDPOINT: emulator.endpoint };
    const report = join(app, 'conformance.json');
    const output = ['--reporter=json', `--outputFile=${report}`];
    const { code, err } = await finish(vitest, ['run', ...output, ...files], { env });
    const found = JSON.parse(await readFile(report, 'utf8')) as Summary;
    if (code === 0)
      return `${found.numPassedTests} tests, and ${found.numPendingTests} of what it does not do`;
    const failed = found.testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages[0]?.split('\n')[0]}`);
    throw new Error([...failed, err].join('\n'));
  });
}

/** https://vitest.dev/guide/reporters#json-reporter */
interface Summary {
  readonly numPassedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}
