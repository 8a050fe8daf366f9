import type { JsonValue } from '../../domain/canonical-json.ts';
import { SOFTWARE } from '../../domain/version.ts';
import { present } from '../../domain/present.ts';
import type { StoreAction } from '../../domain/record/actions.ts';
import type { StoreFailure, Locator } from '../../ports/store.ts';
import type { StoreTools } from '../store-kind.ts';
import { type HttpOptions, KEY_ID, type RequestTemplate } from './http-options.ts';
import { askVendor, type NoVendorAnswer, type VendorAnswer, type VendorRequest } from './vendor-request.ts';
import { signedRequest } from './vendor-signature.ts';
import { inBody, inField, inHeader, inPath, type Named, TemplateError } from './vendor-template.ts';

/** What a request is about. `request`: its idempotency key; a question has none. */
export interface About {
  readonly locator: Locator;
  readonly action: StoreAction | 'read';
  readonly request?: string;
}

/** What came of sending it. `unsent`: nothing was, because its template or its secret does not allow it. */
export type Sent = VendorAnswer | NoVendorAnswer | { readonly unsent: StoreFailure };

export interface VendorCalls {
  send(template: RequestTemplate, about: About, signal: AbortSignal): Promise<Sent>;
  /** Asks at an address that the vendor gave. */
  follow(url: URL, headers: RequestTemplate['headers'], about: About, signal: AbortSignal): Promise<Sent>;
}

type Secret = Readonly<Record<string, string>>;

/**
 * Makes requests of templates, signs and sends them. What the vendor does not let in is sent once more, by what the secret
 * says then: keys are changed without a gap.
 */
export function vendorCalls(options: HttpOptions, { keys, connection }: StoreTools): VendorCalls {
  const { origin = '', secret: arn, sign, privateAddresses } = options;
  const vendor = connection?.vendor;

  async function secretOf(again: boolean): Promise<Secret | undefined> {
    if (arn === undefined) return {};
    // What is wrong with it may quote it.
    return vendor?.secret(arn, again).catch(() => undefined);
  }

  function namedOf({ locator, action, request }: About, secret: Secret): Named {
    return new Map([
      ...keys.map(({ name }, index): [string, string] => [name, String(locator[index] ?? '')]),
      ['action', action],
      ...Object.entries(present({ 'request.id': request })),
      ...Object.entries(secret).map(([name, value]): [string, string] => [`secret.${name}`, value]),
    ]);
  }

  function signedBy(request: VendorRequest, secret: Secret): VendorRequest {
    if (sign === undefined) return request;
    const key = secret[sign.key];
    if (key === undefined || key === '' || vendor === undefined)
      throw new TemplateError('The secret has no key for the signature.');
    const id = secret[`${sign.key}Id`] ?? sign.keyId;
    if (!KEY_ID.test(id)) throw new TemplateError('The id of the key for the signature is not an id.');
    return signedRequest(request, { id, secret: Buffer.from(key) }, vendor.now());
  }

  async function sendBy(
    make: (named: Named) => VendorRequest,
    about: About,
    signal: AbortSignal,
  ): Promise<Sent> {
    const limits = {
      signal,
      privateAddresses,
      ...present({ authorities: vendor?.authorities, endpoint: connection?.endpoint }),
    };
    const sendWith = async (secret: Secret | undefined): Promise<Sent> => {
      if (secret === undefined) return { unsent: 'STORE_DENIED' };
      try {
        return await askVendor(signedBy(make(namedOf(about, secret)), secret), limits);
      } catch (error) {
        if (error instanceof TemplateError) return { unsent: 'STORE_SCHEMA' };
        throw error;
      }
    };
    const secret = await secretOf(false);
    const sent = await sendWith(secret);
    if (!('status' in sent) || sent.status !== 401) return sent;
    const newer = await secretOf(true);
    return newer === undefined || JSON.stringify(newer) === JSON.stringify(secret) ? sent : sendWith(newer);
  }

  const headersOf = (own: RequestTemplate['headers'], { request }: About, named: Named) => {
    const all = Object.entries({ ...options.headers, ...own });
    return {
      'user-agent': SOFTWARE,
      accept: 'application/json',
      ...Object.fromEntries(all.map(([name, template]) => [name, inHeader(template, named)])),
      ...present({ 'idempotency-key': request }),
    };
  };

  return {
    send: (template, about, signal) =>
      sendBy(
        (named) => {
          const content = contentOf(template, named);
          return {
            method: template.method,
            url: at(origin, inPath(template.path, named)),
            headers: { ...content?.headers, ...headersOf(template.headers, about, named) },
            ...present({ body: content?.body }),
          };
        },
        about,
        signal,
      ),
    follow: (url, headers, about, signal) =>
      sendBy((named) => ({ method: 'GET', url, headers: headersOf(headers, about, named) }), about, signal),
  };
}

/** Whatever the values are, it stays at the vendor. */
function at(origin: string, path: string): URL {
  const url = new URL(origin + path);
  if (url.origin !== origin) throw new TemplateError('The path leads to another server.');
  return url;
}

function contentOf({ body, form }: RequestTemplate, named: Named) {
  if (form !== undefined) {
    const fields = Object.entries(form).map(([name, value]): [string, string] => [
      name,
      inField(value, named),
    ]);
    const text = new URLSearchParams(fields).toString();
    return { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: text };
  }
  if (body === undefined) return undefined;
  const text = JSON.stringify(inBody(body as JsonValue, named));
  return { headers: { 'content-type': 'application/json' }, body: text };
}
