import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finish, ROOT } from './command.ts';
import type { Scoreboard } from './scoreboard.ts';
import type { World } from './world.ts';

interface Suite {
  readonly what: string;
  readonly files: readonly string[];
  /** The environment variable that has the engine's endpoint. */
  readonly variable: string;
}

/** The embedded engines and the emulator are independent implementations: neither knows the other's mistakes. */
const SUITES: readonly Suite[] = [
  {
    what: 'stores of kind s3 pass their suite over the emulator, too',
    // Races need a front that reads plain HTTP.
    files: [
      ...['store-s3', 'store-s3-locks', 'store-s3-masks', 'store-s3-versions'].map((name) => `store/${name}`),
      'reading/s3-reading',
    ],
    variable: 'TENURE_S3_ENDPOINT',
  },
  {
    what: 'the bucket of copies passes its suite over the emulator, too',
    files: ['exports/exports-s3'],
    variable: 'TENURE_S3_ENDPOINT',
  },
  {
    // The embedded engine translates statements of the kind that we send; here is one that parses PartiQL.
    what: 'the registry passes its suite over the emulator, too',
    files: ['backlog', 'dynamo-items', 'entities', 'hints', 'holdings', 'holds', 'results', 'upkeep'].map(
      (name) => `registry/${name}`,
    ),
    variable: 'TENURE_DYNAMODB_ENDPOINT',
  },
];

/** The emulator shares the machine with everything else that plays: what takes a second alone can take a minute. */
const SECONDS = { test: 120, suite: 600 };

/** The suites that every store and registry has to pass, over the emulator's services instead of the embedded ones. */
export async function checkConformance(world: World, board: Scoreboard): Promise<void> {
  for (const suite of SUITES) await checkSuite(world, board, suite);
}

function checkSuite({ app, emulator }: World, board: Scoreboard, suite: Suite): Promise<void> {
  return board.scenario(suite.what, async () => {
    const files = suite.files.map((name) => `test/conformance/${name}.test.ts`);
    const vitest = join(ROOT, 'node_modules/.bin/vitest');
    const env = { ...emulator.env, [suite.variable]: emulator.endpoint };
    const report = join(app, `suite-${SUITES.indexOf(suite)}.json`);
    const options = ['--reporter=json', `--outputFile=${report}`, `--testTimeout=${SECONDS.test * 1000}`];
    const args = ['run', ...options, ...files];
    const { code, err } = await finish(vitest, args, { env, seconds: SECONDS.suite });
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
