import { ssmKeyRecord } from '../shared/adapters/signing/ssm-key-record.ts';
import { codeOf } from '../shared/domain/error-code.ts';
import type { CliContext } from './cli-context.ts';
import { regionIn } from './region.ts';
import { UsageError } from './usage-error.ts';

/** The text of a parameter of AWS Systems Manager; nothing if there is none of this name. */
export async function parameterText(
  { env, credentials }: CliContext,
  name: string,
): Promise<string | undefined> {
  const endpoint = env['AWS_ENDPOINT_URL_SSM'] || env['AWS_ENDPOINT_URL'];
  const place = { region: regionIn(env), credentials, ...(endpoint ? { endpoint } : {}) };
  try {
    return await ssmKeyRecord(place, name).read();
  } catch (error) {
    const why = error instanceof Error && /^HTTP \d{3}$/.test(error.message) ? error.message : codeOf(error);
    throw new UsageError(
      `The parameter ${name} could not be read (${why}): it needs ssm:GetParameters, which AuditorPolicy has.`,
    );
  }
}
