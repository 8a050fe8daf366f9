import { spawn } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly seconds?: number;
}

export interface Finished {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Only what every program needs: the caller's AWS settings are not passed on. Node 24 comes first in the path. */
export function plainEnvironment(): Record<string, string> {
  const path = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
  return { PATH: path, HOME: process.env['HOME'] ?? '/', LC_ALL: 'C.UTF-8', TZ: 'UTC' };
}

/** Runs to its end, whatever the exit code. Killed when its time is over. */
export function finish(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Finished> {
  const { cwd = ROOT, env = {}, seconds = 300 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd,
      env: { ...plainEnvironment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: seconds * 1000,
      killSignal: 'SIGKILL',
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({ code: code ?? 1, out, err: signal === null ? err : `${err}\nended by ${signal}` });
    });
  });
}

/** As `finish`, for what has to succeed: standard output. */
export async function run(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { code, out, err } = await finish(file, args, options);
  if (code === 0) return out;
  const said = `${out}\n${err}`.trim().split('\n').slice(-40).join('\n');
  throw new Error(`${file} ${args.join(' ')} ended with ${code}:\n${said}`);
}
