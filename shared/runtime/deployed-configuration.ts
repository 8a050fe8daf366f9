import { readFile } from 'node:fs/promises';
import type { Configuration } from '../domain/configuration/configuration.ts';
import type { DeployedConfiguration } from '../domain/configuration/configuration-part.ts';
import { SOFTWARE } from '../domain/version.ts';
import { readConfiguration } from './configuration-file.ts';

/** The deployment is wrong; a retry does not help. */
class DeploymentError extends Error {
  readonly code = 'DEPLOYMENT_INVALID';
  constructor(what: string, options?: ErrorOptions) {
    super(
      `The function's config.json ${what}: deploy code and configuration together, from one release.`,
      options,
    );
    this.name = 'DeploymentError';
  }
}

/**
 * The configuration next to the bundle with this `import.meta.url`. Throws unless the bundle's own release compiled it.
 */
export async function deployedConfiguration(bundle: string): Promise<Configuration> {
  const found: DeployedConfiguration = { software: '', ...readConfiguration(await textBeside(bundle)) };
  if (found.software !== SOFTWARE) throw new DeploymentError('was compiled by another release');
  return found;
}

async function textBeside(bundle: string): Promise<string> {
  try {
    return await readFile(new URL('config.json', bundle), 'utf8');
  } catch (cause) {
    throw new DeploymentError('is missing', { cause });
  }
}
