import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Clock } from '../../ports/clock.ts';
import { PASSWORD_LIMITS } from '../../domain/request-limits.ts';
import { AdapterError } from '../adapter-error.ts';
import { tellingUnreachable } from '../unreachable.ts';

/** After that time a secret is read again, so that one that was rotated is used soon. */
const KEPT_MILLISECONDS = 5 * 60_000;

type Texts = Readonly<Record<string, string>>;

/**
 * The texts of a vendor's secret, as they were at most five minutes ago, or with `again`, as they are now. `onError` gets
 * why there are none: the store says only that it was not allowed. Nothing is called before the first request.
 */
export function vendorSecrets(
  clock: Clock,
  onError: (error: unknown) => void,
): (arn: string, again: boolean) => Promise<Texts> {
  const kept = new Map<string, { readonly at: number; readonly texts: Promise<Texts> }>();

  async function read(arn: string): Promise<Texts> {
    try {
      return textsOf(await secretText(arn));
    } catch (error) {
      kept.delete(arn);
      onError(error);
      throw error;
    }
  }

  return (arn, again) => {
    const now = clock.now();
    const former = kept.get(arn);
    const age = now - (former?.at ?? -Infinity);
    // Several requests of one batch that are not let in read it once.
    if (former !== undefined && age >= 0 && age < (again ? 1000 : KEPT_MILLISECONDS)) return former.texts;
    const texts = read(arn);
    kept.set(arn, { at: now, texts });
    return texts;
  };
}

async function secretText(arn: string): Promise<string> {
  const client = tellingUnreachable(
    'SECRETS_MANAGER',
    new SecretsManagerClient({ region: arn.split(':')[3] ?? '', ...PASSWORD_LIMITS }),
  );
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
    return SecretString ?? '';
  } finally {
    client.destroy();
  }
}

/** A JSON object whose values are texts. Throws `SECRET_UNREADABLE`, whose message quotes nothing of it. */
export function textsOf(secret: string): Texts {
  const found = parsed(secret);
  const isObject = typeof found === 'object' && found !== null && !Array.isArray(found);
  if (isObject && Object.values(found).every((value) => typeof value === 'string')) return found as Texts;
  throw new AdapterError(
    'SECRET_UNREADABLE',
    'The secret of the vendor is not a JSON object whose values are texts. Store it as {"token": "…"}, with the names that the templates of the store have.',
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Its message quotes the text.
    return undefined;
  }
}
