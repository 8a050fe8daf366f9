import { parseArgs } from 'node:util';
import { demoStories, existingStories, looks } from '../examples/stories/demo-stories.ts';
import { codeOf } from '../shared/domain/error-code.ts';
import { startEngines } from './engines/engines.ts';
import { keepRunning } from './keep-running.ts';
import { demoPlace } from './story/demo-place.ts';
import { loadDemo } from './story/load-demo.ts';
import { playStories } from './story/play-stories.ts';
import { proveLog } from './story/prove-log.ts';
import { sealingLag } from './story/sealing-lag.ts';
import { openStoryStores } from './story/story-stores.ts';
import { startSystem, type System } from './system.ts';
import { tellTime } from './tell-time.ts';

const USAGE =
  'Usage: npm start [-- [--exit] [--json]]   --exit: end after the stories   --json: one summary line';

/** Before the first step of any story, and after every policy came into effect. */
const START = Date.parse('2025-01-06T00:00:00Z');
/** Removing files and ending engines takes less; if it hangs, we still end. */
const LONGEST_STOP = 20_000;

const options = optionsOf(process.argv.slice(2));
if (options === undefined) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(2);
}
const { exit, json } = options;
/** With --json, standard output is for the summary alone. */
const stream = json ? process.stderr : process.stdout;
const cleanup = new AsyncDisposableStack();
let stopping = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(130));
// A reader that has seen enough, such as `head`, closes the pipe.
process.stdout.on('error', (error) => (codeOf(error) === 'EPIPE' ? stop(0) : fail(error)));

try {
  await run();
} catch (error) {
  fail(error);
}

async function run(): Promise<void> {
  const began = performance.now();
  stream.write('Starting DynamoDB (dynalite), SQS (fauxqs), S3 and PostgreSQL on free ports …\n');
  const [configuration, engines] = await Promise.all([loadDemo(), startEngines(cleanup)]);
  // Virtual time stands still while functions run, and real time is short while it goes on: an entry waits for both.
  const lag = sealingLag(() => performance.now() + system.now());
  const { wrap } = lag;
  const system: System = await startSystem({ configuration, engines, start: START, looks, wrap }, cleanup);
  const stores = await openStoryStores(configuration, engines, cleanup);
  const { region, outside } = demoPlace(configuration.policies);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  stream.write(
    `Ready after ${seconds} s. The API is at ${system.apiUrl}\n` +
      `The deletion log is in ${engines.logFolder}\n` +
      `In AWS, this deployment would be in ${region}, outside the regions of ${outside.map(({ policy }) => policy).join(', ')}; the configuration acknowledges it.\n` +
      'The stories run on one virtual timeline; each is printed when it is over.\n',
  );
  const telling = tellTime(stream, () => system.now());
  const results = await playStories(demoStories, { system, stores, stream }, existingStories);
  telling.stop();
  const failed = results.filter(({ passed }) => !passed);
  stream.write(`\n${results.length - failed.length} of ${results.length} stories passed.\n`);
  for (const { name, failures } of failed)
    process.stderr.write(`Story ${name} failed: ${failures.join('; ')}\n`);
  const proved = await proveLog(engines.logFolder, system.ports.signer);
  (proved.ok ? stream : process.stderr).write(proved.text);
  const sealed = lag.measured();
  stream.write(
    `Of ${sealed.entries} entries of disposals, 99 of 100 were signed within ${sealed.p99.toFixed(1)} s of their result.\n`,
  );
  if (json) {
    const stories = results.map(({ name, passed, disposed, kept, entries, people, vendors }) => {
      return { name, passed, disposed, kept, entries, people, vendors };
    });
    process.stdout.write(`${JSON.stringify({ stories, sealed })}\n`);
  }
  if (exit) {
    engines.keepLog();
    stream.write(
      `The deletion log stays in its folder, so that you can check it again:\n${proved.command}\n`,
    );
    return stop(failed.length === 0 && proved.ok ? 0 : 1);
  }
  keepRunning(system, stream, fail);
}

function optionsOf(args: readonly string[]): { exit: boolean; json: boolean } | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { exit: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
    });
    return values;
  } catch {
    return undefined;
  }
}

/** What breaks because we are stopping is not a failure. */
function fail(error: unknown): void {
  if (stopping) return;
  process.stderr.write(`${describe(error)}\n`);
  stop(1);
}

/** Ends engines and removes files, also of a start that is still under way; a second signal changes nothing. */
function stop(code: number): void {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(code), LONGEST_STOP).unref();
  cleanup.disposeAsync().then(
    () => process.exit(code),
    (error: unknown) => {
      process.stderr.write(`${describe(error)}\n`);
      process.exit(code === 0 ? 1 : code);
    },
  );
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'Something was thrown that is not an error.';
  const { message } = error;
  const code = 'code' in error ? `${String(error.code)}: ` : '';
  const said = message.startsWith(code) ? message : `${code}${message}`;
  const folder = 'syscall' in error && error.syscall === 'mkdtemp';
  return folder ? `${said}. Set TMPDIR to a folder that can be written.` : said;
}
