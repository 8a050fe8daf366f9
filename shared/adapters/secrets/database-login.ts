import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Signer } from '@aws-sdk/rds-signer';
import { PASSWORD_LIMITS } from '../../domain/request-limits.ts';
import { AdapterError } from '../adapter-error.ts';
import { tellingUnreachable } from '../unreachable.ts';

/** `none`: the database requires no password. `iam`: an RDS token. Otherwise the ARN of a secret. */
export type DatabaseLogin = 'none' | 'iam' | `arn:${string}`;

interface DatabaseUser {
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

/**
 * Called for every new connection, because tokens last only 15 minutes, and so that a rotated secret is used at once.
 * Returns `undefined` for `none`. `onError` gets why there is no password: the driver says only that it could not
 * connect.
 */
export function databasePassword(
  login: DatabaseLogin,
  region: string,
  onError: (error: unknown) => void = () => {},
): ((who: DatabaseUser) => Promise<string>) | undefined {
  if (login === 'none') return undefined;
  if (login === 'iam') {
    return ({ host, port, user }) =>
      new Signer({ region, hostname: host, port, username: user }).getAuthToken();
  }
  const client = tellingUnreachable(
    'SECRETS_MANAGER',
    new SecretsManagerClient({ region: login.split(':')[3] ?? region, ...PASSWORD_LIMITS }),
  );
  return async () => {
    try {
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: login }));
      return passwordIn(SecretString ?? '');
    } catch (error) {
      onError(error);
      throw error;
    }
  };
}

/** A secret is the password itself, or JSON as RDS writes it: `{"username": …, "password": …}`. */
function passwordIn(secret: string): string {
  if (!secret.startsWith('{')) {
    if (secret !== '') return secret;
    throw noPassword();
  }
  try {
    const { password } = JSON.parse(secret) as { readonly password?: unknown };
    if (typeof password === 'string' && password !== '') return password;
  } catch {
    // Reported below, without the parser's message, which quotes its input.
  }
  throw noPassword();
}

function noPassword(): AdapterError {
  return new AdapterError(
    'LOGIN_UNREADABLE',
    'The secret of the database login contains no password. Store the password as plain text, or JSON with a field `password`.',
  );
}
