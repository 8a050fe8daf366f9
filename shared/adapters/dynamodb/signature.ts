import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface ToSign {
  readonly host: string;
  readonly region: string;
  readonly target: string;
  readonly body: string;
  readonly at: Date;
}

export type Sign = (credentials: Credentials, request: ToSign) => Readonly<Record<string, string>>;

const CONTENT_TYPE = 'application/x-amz-json-1.0';

/**
 * Signs requests to DynamoDB with Signature Version 4: always POST, always the path `/`. The key that is derived from a
 * credential is the same for a whole day, so the newest one is kept.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function dynamoSigner(): Sign {
  let kept: { readonly id: string; readonly key: KeyObject } | undefined;

  function signingKey(secret: string, day: string, region: string): KeyObject {
    const id = `${secret} ${day} ${region}`;
    if (kept?.id !== id) {
      const key = [day, region, 'dynamodb', 'aws4_request'].reduce<string | Buffer>(
        (former, part) => createHmac('sha256', former).update(part).digest(),
        `AWS4${secret}`,
      );
      kept = { id, key: createSecretKey(Buffer.from(key)) };
    }
    return kept.key;
  }

  return ({ accessKeyId, secretAccessKey, sessionToken }, { host, region, target, body, at }) => {
    const time = at.toISOString().replaceAll(/[:-]|\.\d{3}/g, '');
    const day = time.slice(0, 8);
    const headers: Record<string, string> = {
      'content-type': CONTENT_TYPE,
      host,
      'x-amz-date': time,
      ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
      'x-amz-target': target,
    };
    const names = Object.keys(headers).join(';');
    const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
    const request = `POST\n/\n\n${lines.join('')}\n${names}\n${hash('sha256', body, 'hex')}`;
    const scope = `${day}/${region}/dynamodb/aws4_request`;
    const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash('sha256', request, 'hex')}`;
    const signature = createHmac('sha256', signingKey(secretAccessKey, day, region))
      .update(text)
      .digest('hex');
    return {
      ...headers,
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
    };
  };
}
