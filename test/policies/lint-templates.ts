import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** https://pypi.org/project/cfn-lint/ */
const PACKAGE = 'cfn-lint==1.58.0';
const PATIENCE = ['--timeout', '60', '--retries', '5'];

/** Rules that are not followed, each with its reason. */
const EXCUSED: Readonly<Record<string, string>> = {
  W3005: 'the CDK writes dependencies that a reference enforces already; they change nothing',
};

interface Finding {
  readonly Rule: { readonly Id: string };
  readonly Message: string;
  readonly Filename: string;
  readonly Location: { readonly Path: readonly (string | number)[] };
}

export interface Linted {
  readonly templates: number;
  /** How many findings are excused. */
  readonly excused: number;
  readonly wrong: readonly string[];
}

const run = promisify(execFile);

/** What cfn-lint says about the templates of an assembly. */
export async function lintTemplates(assembly: string): Promise<Linted> {
  const templates = (await readdir(assembly)).filter((file) => file.endsWith('.template.json'));
  const paths = templates.map((file) => join(assembly, file));
  const findings = await found(await installed(), paths);
  const wrong = findings.filter(({ Rule }) => !(Rule.Id in EXCUSED));
  return {
    templates: templates.length,
    excused: findings.length - wrong.length,
    wrong: wrong.map(
      ({ Rule, Message, Location }) => `cfn-lint ${Rule.Id} at ${Location.Path.join('/')}: ${Message}`,
    ),
  };
}

/** Its exit code says whether it found something. */
async function found(program: string, paths: readonly string[]): Promise<readonly Finding[]> {
  const options = { maxBuffer: 64 * 2 ** 20 };
  const { stdout, stderr } = await run(program, ['--format', 'json', ...paths], options).catch(
    (error: { readonly stdout?: string; readonly stderr?: string }) => ({
      stdout: error.stdout ?? '',
      stderr: error.stderr ?? '',
    }),
  );
  try {
    return JSON.parse(stdout) as readonly Finding[];
  } catch {
    throw new Error(`cfn-lint did not answer: ${stderr}`);
  }
}

/** Installed once for a version, in the user's cache, as the emulator is. */
async function installed(): Promise<string> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'tenure-ci', PACKAGE);
  const complete = join(folder, 'complete');
  if (!existsSync(complete)) {
    await rm(folder, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin/pip'), [
      'install',
      '--quiet',
      '--disable-pip-version-check',
      ...PATIENCE,
      PACKAGE,
    ]);
    await writeFile(complete, '');
  }
  return join(folder, 'bin/cfn-lint');
}
