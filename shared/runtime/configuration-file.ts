import * as z from 'zod';
import type { Configuration } from '../domain/configuration/configuration.ts';

/** Enough to tell a compiled configuration from any other file; synth has checked its content. */
const Compiled = z.looseObject({
  entityTypes: z.record(z.string(), z.looseObject({ ids: z.enum(['owned', 'shared']) })),
  stores: z.record(z.string(), z.looseObject({ kind: z.string(), keys: z.array(z.looseObject({})).min(1) })),
  producers: z.record(z.string(), z.looseObject({ source: z.string(), principals: z.array(z.string()) })),
  operators: z.array(z.string()),
  auditors: z.array(z.string()),
  policies: z.looseObject({ policies: z.array(z.looseObject({ name: z.string(), effectiveFrom: z.int() })) }),
  timing: z.record(z.string(), z.number()),
  foldProfile: z.looseObject({ digest: z.string() }),
});

class ConfigurationFileError extends Error {
  readonly code = 'CONFIGURATION_INVALID';
  constructor(where: string) {
    super(`config.json was not written by synth (${where}): deploy the function with its own asset.`);
    this.name = 'ConfigurationFileError';
  }
}

/** Reads the `config.json` in a function's asset: the output of `compileConfiguration` as JSON. */
export function readConfiguration(text: string): Configuration {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new ConfigurationFileError('not JSON');
  }
  const result = Compiled.safeParse(data);
  if (!result.success) throw new ConfigurationFileError(result.error.issues[0]?.path.join('.') ?? '');
  return data as Configuration;
}
