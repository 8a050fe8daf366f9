import { lookup } from 'node:dns/promises';
import type { StoreConfiguration } from '../../shared/domain/configuration/configuration.ts';
import { codeOf } from '../../shared/domain/error-code.ts';
import { NOTICES } from '../../shared/domain/record/notice.ts';
import { HttpOptions } from '../../shared/stores/http/http-options.ts';
import { secretNames } from '../../shared/stores/http/template-problems.ts';
import { isPublic } from '../../shared/stores/http/vendor-address.ts';
import { textOf } from '../../shared/stores/store-failure.ts';
import { type Finding, fails, note, unknown } from './preflight-finding.ts';
import type { StoreReach } from './preflight-reach.ts';
import { tlsProblem, type TlsProblem } from './preflight-tls.ts';

/**
 * Checks that the vendor's name leads to a public address, that a server with a trusted certificate is there, and that
 * the secret has what requests need. Sends none.
 */
export async function checkVendor(
  name: string,
  store: StoreConfiguration,
  reach: StoreReach,
): Promise<readonly Finding[]> {
  const options = HttpOptions.parse(store.options);
  if (options.notice !== undefined)
    return [
      note(
        name,
        `the vendor is told by events of the type ${NOTICES.vendor}: a rule of yours has to bring them to it, and a person has to confirm each with \`tenure vendor confirm\``,
      ),
    ];
  return [
    ...(await checkAddress(name, options, reach)),
    ...(await checkSecret(name, options, reach)),
    ...neverSure(name, options),
  ];
}

async function checkAddress(
  name: string,
  { origin = '', privateAddresses }: HttpOptions,
  { addressesOf = addressesIn, tlsProblemOf = tlsProblem, connection }: StoreReach,
): Promise<readonly Finding[]> {
  const url = new URL(origin);
  const { hostname } = url;
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  try {
    const addresses = await addressesOf(host);
    if (privateAddresses || addresses.every(isPublic))
      return ofServer(name, host, await tlsProblemOf(url, connection?.vendor?.authorities));
    return [
      fails(
        name,
        `${host} leads to an address that is not a public one, which the lane refuses; correct \`options.origin\`, or set \`options.privateAddresses: true\` if the server is in your own network`,
      ),
    ];
  } catch (error) {
    const code = textOf(error, 'code') ?? 'no answer';
    return [
      code === 'ENOTFOUND'
        ? fails(name, `${host} is not a name that leads to a server; correct \`options.origin\``)
        : unknown(name, `the address of ${host} could not be looked up from here (${code})`),
    ];
  }
}

/** What the lane can reach is not known from here; what certificate a server has is. */
function ofServer(name: string, host: string, problem: TlsProblem | undefined): readonly Finding[] {
  switch (problem?.kind) {
    case undefined:
      return [];
    case 'certificate':
      return [
        fails(
          name,
          `the certificate of ${host} is not trusted (${problem.code}), so no request would be sent; correct \`options.origin\`, or let the vendor correct its certificate`,
        ),
      ];
    case 'no connection':
      return [
        unknown(
          name,
          `no server could be connected to at ${host} from here (${problem.code}); correct \`options.origin\` if that is not its address, or run preflight from a network with access to it`,
        ),
      ];
  }
}

async function addressesIn(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

async function checkSecret(
  name: string,
  options: HttpOptions,
  { connection }: StoreReach,
): Promise<readonly Finding[]> {
  const { secret } = options;
  if (secret === undefined || connection?.vendor === undefined) return [];
  try {
    const texts = await connection.vendor.secret(secret, true);
    const missing = [...secretNames(options)].filter((each) => (texts[each] ?? '') === '');
    if (missing.length === 0) return [];
    return [
      fails(
        name,
        `the secret of the vendor has no value for ${missing.join(', ')}, so no request could be sent; add it to the secret, or correct the name in \`options\``,
      ),
    ];
  } catch (error) {
    return [unreadable(name, error)];
  }
}

/** The message of an error may quote the secret. */
function unreadable(name: string, error: unknown): Finding {
  if (codeOf(error) === 'SECRET_UNREADABLE')
    return fails(
      name,
      'the secret of the vendor is not a JSON object whose values are texts; store it as {"token": "…"}, with the names that the templates have',
    );
  const code = codeOf(error);
  if (code === 'ResourceNotFoundException')
    return fails(name, 'the secret of the vendor does not exist; correct `options.secret`');
  if (code === 'SECRETS_MANAGER_UNREACHABLE')
    return unknown(
      name,
      'the secret of the vendor could not be read: Secrets Manager could not be reached from here; run preflight from a network with access to it',
    );
  return unknown(
    name,
    `the secret of the vendor could not be read (${code}); this check needs secretsmanager:GetSecretValue, and kms:Decrypt if a key of yours encrypts it`,
  );
}

/** Requests that nothing of the vendor can ever end. */
function neverSure(name: string, options: HttpOptions): readonly Finding[] {
  if (options.read !== undefined) return [];
  const open = (['delete', 'anonymise', 'restrict', 'lift'] as const).filter((action) => {
    const ask = options[action];
    return ask !== undefined && ask.follow === undefined && ask.confirmed.length + ask.gone.length === 0;
  });
  if (open.length === 0) return [];
  return [
    note(
      name,
      `no answer of the vendor says that it is done (${open.join(', ')}): each request stays open, and is overdue after ${options.confirmWithinDays} days, until a person confirms it; add \`confirmed\`, \`follow\` or \`read\` if the vendor has such answers`,
    ),
  ];
}
