import { spawn } from 'node:child_process';
import { cp, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ROOT } from '../support/house/synthesized.ts';

/** Packages that the example app depends on, and its `tenure`: here, those of the checkout. */
const PACKAGES = ['aws-cdk-lib', 'constructs', 'aws-cdk'];

/** The repository's own app. Needs the built bundles. */
export async function synthesizeRoot(output: string): Promise<void> {
  await synthesize(ROOT, output);
}

/** The same with what it does not have: see there. */
export async function synthesizeVaried(output: string): Promise<void> {
  await synthesize(ROOT, output, 'node test/policies/varied-app.ts');
}

/** `examples/deployment` in a folder of its own, as a reader has it: `tenure` is the built package. */
export async function synthesizeExample(folder: string, output: string): Promise<void> {
  await cp(join(ROOT, 'examples/deployment'), folder, { recursive: true });
  const modules = join(folder, 'node_modules');
  await mkdir(modules);
  for (const name of PACKAGES) await symlink(join(ROOT, 'node_modules', name), join(modules, name));
  await symlink(ROOT, join(modules, 'tenure'));
  await synthesize(folder, output);
}

async function synthesize(cwd: string, output: string, app?: string): Promise<void> {
  const cdk = join(ROOT, 'node_modules/aws-cdk/bin/cdk');
  const child = spawn(
    process.execPath,
    [cdk, 'synth', '--quiet', '--output', output, ...(app === undefined ? [] : ['--app', app])],
    {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const exit = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  if (code !== 0) throw new Error(`cdk synth ended with ${code} in ${cwd}:\n${out}\n${err}`);
}
