import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TenureConfig } from '../../infra/load-deployment.ts';
import { ROOT, run } from './command.ts';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/**
 * An app of somebody who installed the package: what `npm pack` would ship, what its manifest asks for, the CDK, and
 * nothing of the checkout. Esbuild and the stores' drivers are not there.
 */
export async function makeConsumerApp(folder: string, config: TenureConfig): Promise<string> {
  const app = join(folder, 'app');
  const modules = join(app, 'node_modules');
  await cp(join(ROOT, 'test/e2e/app'), app, { recursive: true });
  await writeFile(join(app, 'retention.json'), JSON.stringify(config));
  await writeFile(join(app, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  await writeFile(join(app, 'cdk.json'), JSON.stringify({ app: 'node app.mjs' }));
  await mkdir(modules);
  await unpack(folder, join(modules, 'tenure'));
  const { dependencies, peerDependencies } = await manifestOf(join(modules, 'tenure'));
  const asked = Object.keys({ ...dependencies, ...peerDependencies });
  for (const name of new Set(['aws-cdk-lib', 'constructs', ...asked])) {
    await mkdir(join(modules, name, '..'), { recursive: true });
    await symlink(join(ROOT, 'node_modules', name), join(modules, name));
  }
  return app;
}

async function unpack(folder: string, target: string): Promise<void> {
  const packed = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]);
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  await mkdir(target, { recursive: true });
  await run('tar', ['-xzf', join(folder, filename), '-C', target, '--strip-components=1']);
}

async function manifestOf(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
}
