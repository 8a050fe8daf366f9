import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Signer } from '@aws-sdk/rds-signer';
import { AdapterError } from './adapter-error.ts';

/** `none`: the database requires no password. `iam`: an RDS token. Otherwise the ARN of a secret. */
export type DatabaseLogin = 'none' | 'iam' | `arn:${string}`;

interface DatabaseUser {
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

/**
 * Called for every new connection, because tokens last only 15 minutes, and so that a rotated secret is used at once.
 * Returns `undefined` for `none`.
 */
export function databasePassword(
  login: DatabaseLogin,
  region: string,
): ((who: DatabaseUser) => Promise<string>) | undefined {
  if (login === 'none') return undefined;
  if (login === 'iam') {
    return ({ host, port, user }) =>
      new Signer({ region, hostname: host, port, username: user }).getAuthToken();
  }
  const client = new SecretsManagerClient({ region: login.split(':')[3] ?? region });
  return async () => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: login }));
    return passwordIn(SecretString ?? '');
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
