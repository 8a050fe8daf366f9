import type { Credentials } from '../shared/client/client.ts';
import { present } from '../shared/domain/present.ts';
import { UsageError } from './usage-error.ts';

const ADVICE =
  'Sign in with `aws sso login`, name a profile in AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.';

/**
 * The caller's credentials from the default chain of AWS tools: environment, profiles, single sign-on, web identity,
 * containers, instance. Every call returns valid credentials. The chain is loaded when it is first needed.
 */
export function awsCredentials(profile: string | undefined): () => Promise<Credentials> {
  let chain: Promise<() => Promise<Credentials>> | undefined;
  return async () => {
    chain ??= import('@aws-sdk/credential-provider-node').then(({ defaultProvider }) => defaultProvider());
    try {
      const { accessKeyId, secretAccessKey, sessionToken } = await (await chain)();
      return { accessKeyId, secretAccessKey, ...present({ sessionToken }) };
    } catch (error) {
      throw credentialsMissing(error, profile);
    }
  };
}

/** The chain's messages name profiles and sessions, never a key. The first line says what is wrong. */
function credentialsMissing(error: unknown, profile: string | undefined): UsageError {
  const said = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
  const isNothingFound = said === '' || said.startsWith('Could not load credentials from any providers');
  const where = profile ? `, including in profile ${profile}` : '';
  return new UsageError(
    isNothingFound
      ? `No AWS credentials were found${where}. ${ADVICE}`
      : `AWS credentials could not be loaded: ${said} ${ADVICE}`,
  );
}
