import { readFile } from 'node:fs/promises';
import type { Configuration } from '../domain/configuration.ts';
import type { DeployedConfiguration } from '../domain/deployed-configuration.ts';
import { SOFTWARE } from '../domain/version.ts';

/** The deployment is wrong; nothing a retry mends. */
export class DeployedConfigurationError extends Error {
  readonly code = 'CONFIGURATION_UNREADABLE';
  constructor(what: string, options?: ErrorOptions) {
    super(
      `The function's config.json ${what}: deploy code and configuration together, from one release.`,
      options,
    );
    this.name = 'DeployedConfigurationError';
  }
}

/**
 * Reads `config.json` beside the bundle whose `import.meta.url` this is. Synth has checked and written it; what is
 * looked at here is that it was this release.
 */
export async function readConfiguration(bundle: string): Promise<Configuration> {
  const found = parsed(await text(new URL('config.json', bundle)));
  if (found.software !== SOFTWARE) throw new DeployedConfigurationError('was compiled by another release');
  return found.configuration;
}

async function text(file: URL): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new DeployedConfigurationError('is missing', { cause });
  }
}

function parsed(content: string): DeployedConfiguration {
  try {
    return JSON.parse(content) as DeployedConfiguration;
  } catch {
    // Without the parser's error: it quotes what it read.
    throw new DeployedConfigurationError('is no JSON');
  }
}
