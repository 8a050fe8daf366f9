import { spawn, type ChildProcess } from 'node:child_process';
import { openSync } from 'node:fs';
import { access, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Certificate, makeCertificate } from './certificate.ts';
import { plainEnvironment, ROOT, run } from './command.ts';

/** https://pypi.org/project/ministack/; without `cryptography` it makes no KMS keys. */
const PACKAGES = ['ministack==1.5.33', 'cryptography'];
const READY_SECONDS = 60;
const STOP_SECONDS = 5;

export const REGION = 'us-east-1';
export const ACCOUNT = '000000000000';

/**
 * The key that may do everything, like an account's root. Used to deploy and to inspect, never as a user of the run.
 */
export const ROOT_KEY = { accessKeyId: 'test', secretAccessKey: 'test' };

export interface Emulator {
  readonly port: number;
  readonly endpoint: string;
  readonly log: string;
  /** The actions that functions were denied, each once. */
  denials(): Promise<readonly string[]>;
  /** Returns them for the last time. */
  forgetDenials(): Promise<readonly string[]>;
  /** What programs need to reach it as root. */
  readonly env: Readonly<Record<string, string>>;
  /** Files of the certificate that everything in the run trusts. */
  readonly files: Certificate;
  /** Process ids of a function's workers that are alive. */
  workersOf(functionName: string): Promise<readonly number[]>;
  /** Ends it and the functions it runs. Safe to repeat. */
  stop(): Promise<void>;
}

/** An AWS emulator that enforces IAM and speaks TLS, on a free loopback port. Everything it keeps is below `folder`. */
export async function startEmulator(folder: string): Promise<Emulator> {
  const python = await installed();
  const { certificate, key } = await makeCertificate(folder);
  const port = await freePort();
  const temporary = join(folder, 'emulator');
  await mkdir(temporary);
  const log = join(folder, 'emulator.log');
  const denials = join(folder, 'denials.log');
  const output = openSync(log, 'a');
  const child = spawn(python, [fileURLToPath(new URL('emulator.py', import.meta.url))], {
    cwd: temporary,
    // A group of its own, so that ending it ends the functions' processes, too.
    detached: true,
    stdio: ['ignore', output, output],
    env: {
      ...plainEnvironment(),
      TMPDIR: temporary,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      AUTH: 'true',
      USE_SSL: '1',
      MINISTACK_SSL_CERT: certificate,
      MINISTACK_SSL_KEY: key,
      MINISTACK_REGION: REGION,
      MINISTACK_ACCOUNT_ID: ACCOUNT,
      // Functions inherit these.
      NODE_EXTRA_CA_CERTS: certificate,
      NODE_PATH: await lambdaModules(folder),
      NODE_OPTIONS: `--import=${new URL('denials.ts', import.meta.url).href}`,
      TENURE_E2E_DENIALS: denials,
    },
  });
  const guardian = guardianOf(child);
  const stop = once(async () => {
    await endGroup(child);
    guardian.stdin?.end('stopped\n');
  });
  const readDenials = async (): Promise<readonly string[]> => {
    const text = await readFile(denials, 'utf8').catch(() => '');
    return [...new Set(text.split('\n').filter(Boolean))];
  };
  const endpoint = `https://127.0.0.1:${port}`;
  if (!(await healthy(endpoint, child))) {
    await stop();
    throw new Error(`The emulator did not come up. It said:\n${await lastLines(log)}`);
  }
  return {
    port,
    endpoint,
    log,
    files: { certificate, key },
    denials: readDenials,
    async forgetDenials() {
      const found = await readDenials();
      await rm(denials, { force: true });
      return found;
    },
    env: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_CA_BUNDLE: certificate,
      NODE_EXTRA_CA_CERTS: certificate,
      AWS_ACCESS_KEY_ID: ROOT_KEY.accessKeyId,
      AWS_SECRET_ACCESS_KEY: ROOT_KEY.secretAccessKey,
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    workersOf: (functionName) => workers(join(temporary, `ministack-lambda-${functionName}-`)),
    stop,
  };
}

/** What Lambda's runtime has beside a function's code: the SDK and nothing else. CDK's own functions ask for it. */
async function lambdaModules(folder: string): Promise<string> {
  const modules = join(folder, 'lambda-modules');
  await mkdir(modules);
  await symlink(join(ROOT, 'node_modules/@aws-sdk'), join(modules, '@aws-sdk'));
  return modules;
}

/** The Python that has the emulator: installed once for a version, in the user's cache. */
async function installed(): Promise<string> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'tenure-e2e', PACKAGES[0] ?? '');
  const [python, complete] = [join(folder, 'bin/python3'), join(folder, 'complete')];
  if (await exists(complete)) return python;
  await rm(folder, { recursive: true, force: true });
  await run('python3', ['-m', 'venv', folder]);
  await run(join(folder, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', ...PACKAGES]);
  await writeFile(complete, '');
  return python;
}

async function healthy(endpoint: string, child: ChildProcess): Promise<boolean> {
  const until = performance.now() + READY_SECONDS * 1000;
  while (child.exitCode === null && performance.now() < until) {
    const answer = await fetch(`${endpoint}/_ministack/health`).catch(() => undefined);
    if (answer?.ok === true) return true;
    await sleep(200);
  }
  return false;
}

/** Ends the group when this process's end of the pipe closes, however this process dies. */
function guardianOf({ pid }: ChildProcess): ChildProcess {
  const guardian = spawn(
    '/bin/sh',
    ['-c', 'read -r stopped || kill -s KILL -- "-$1"', 'guardian', String(pid)],
    {
      detached: true,
      cwd: '/',
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  );
  guardian.on('error', () => {});
  guardian.unref();
  (guardian.stdin as Socket | null)?.unref();
  return guardian;
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM');
    await Promise.race([gone, sleep(STOP_SECONDS * 1000)]);
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // No process is left in the group.
  }
}

/** A worker's command line names its folder, which begins with `prefix`. */
async function workers(prefix: string): Promise<readonly number[]> {
  const lines = (await run('ps', ['-A', '-o', 'pid=,args='])).split('\n');
  return lines.filter((line) => line.includes(prefix)).map((line) => Number.parseInt(line, 10));
}

export async function lastLines(file: string, count = 20): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}
