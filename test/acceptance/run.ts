import '../e2e/loopback-names.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { AFTERWARDS, BUS_STEPS } from './bus-steps.ts';
import { makeConsumer } from './consumer.ts';
import { DEPLOY_STEPS, REDEPLOY_STEPS } from './deploy-steps.ts';
import { DISPOSE_STEPS } from './dispose-steps.ts';
import { LEAVE_STEPS } from './leave-steps.ts';
import { clientsOf, emulatedPlace, realPlace } from './place.ts';
import type { Run, Step } from './step.ts';

/** `npm run acceptance`: docs/aws-acceptance.md. */
const USAGE = `Usage: npm run acceptance -- --account <12 digits> --region <region> [--email <address>] [--keep]
       npm run acceptance -- --emulator

--account   the account to deploy into; the credentials in the environment must belong to it
--email     where the alarm's mail goes; without it this step is not proven
--keep      do not remove anything at the end
--emulator  a dry run against an emulator on this machine, as far as that goes`;

const STEPS: readonly Step[] = [
  ...DEPLOY_STEPS,
  ...BUS_STEPS,
  ...DISPOSE_STEPS,
  ...AFTERWARDS,
  ...REDEPLOY_STEPS,
  ...LEAVE_STEPS,
];

interface Options {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly email?: string | undefined;
  readonly keep: boolean;
  readonly emulator: boolean;
}

function optionsIn(args: readonly string[]): Options | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        account: { type: 'string' },
        region: { type: 'string' },
        email: { type: 'string' },
        keep: { type: 'boolean', default: false },
        emulator: { type: 'boolean', default: false },
      },
    });
    const named = /^\d{12}$/.test(values.account ?? '') && values.region !== undefined;
    return values.emulator !== named ? values : undefined;
  } catch {
    return undefined;
  }
}

const options = optionsIn(process.argv.slice(2));
if (options === undefined) {
  console.error(USAGE);
  process.exit(2);
}
process.exitCode = (await accept(options)) ? 0 : 1;

/** Whether every step that can be shown here was. */
async function accept({ account = '', region = '', email, keep, emulator }: Options): Promise<boolean> {
  await using cleanup = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'tenure-acceptance-'));
  cleanup.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  process.once('SIGINT', () => void cleanup.disposeAsync().finally(() => process.exit(130)));
  const place = emulator ? await emulatedPlace(folder, cleanup) : await realPlace(account, region);
  // Commands and clients of this process reach the emulator with its certificate.
  const run: Run = {
    place,
    clients: clientsOf(place),
    consumer: await makeConsumer(place, folder, email),
    startedAt: Date.now(),
    email,
    found: {},
    ask,
  };
  let [proven, failed, elsewhere] = [0, 0, 0];
  for (const step of STEPS) {
    const last = step === STEPS.at(-1);
    if (keep && last) {
      console.log('kept    everything is still there: docs/runbooks/teardown.md says how to remove it');
      break;
    }
    if (place.emulated && step.onlyInAws !== undefined) {
      elsewhere += 1;
      console.log(`AWS     ${step.name}: ${step.onlyInAws}`);
      continue;
    }
    try {
      const seen = await step.work(run);
      proven += 1;
      console.log(`proven  ${step.name}: ${step.proves}\n        seen: ${seen}`);
    } catch (error) {
      failed += 1;
      const why = error instanceof Error ? error.message : String(error);
      console.log(`FAILED  ${step.name}: ${step.proves}\n        seen: ${why}`);
    }
  }
  console.log(`\n${proven} proven, ${failed} failed, ${elsewhere} only in an AWS account`);
  return failed === 0;
}

async function ask(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${question} [y/n] `);
  terminal.close();
  return /^y/i.test(answer.trim());
}
