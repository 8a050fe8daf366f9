import { lookup as resolve, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

const GIVEN_TO_NETWORKS = ipaddr.IPv6.parse('2000::');

/** An address that no request may go to. Its message says the host, never the address: that may tell about a network. */
export class AddressRefused extends Error {
  readonly code = 'VENDOR_ADDRESS_REFUSED';
  constructor(host: string) {
    super(
      `The name ${host} leads to an address that is not a public one. Correct the origin of the store in retention.config.ts, or set privateAddresses: true there if the server is in your own network.`,
    );
    this.name = 'AddressRefused';
  }
}

/**
 * Whether an address is a public one: not private, shared, loopback, link-local (as that of the metadata service,
 * 169.254.169.254), multicast, reserved, or one that only wraps another (IPv4 in IPv6, NAT64, 6to4, Teredo), which
 * would hide it. Sources: the special-purpose address registries of RFC 6890; of IPv6, only 2000::/3 is given to networks
 * at all (RFC 4291, section 2.4).
 */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  return !(parsed instanceof ipaddr.IPv6) || parsed.match(GIVEN_TO_NETWORKS, 3);
}

/** A host that is an address itself is not looked up, so it is checked before. Throws `AddressRefused`. */
export function checkHost(host: string): void {
  const bare = host.startsWith('[') ? host.slice(1, -1) : host;
  if (isIP(bare) !== 0 && !isPublic(bare)) throw new AddressRefused(host);
}

/**
 * For the `lookup` of a connection: resolves a name, and refuses it if any of its addresses is not a public one. What it
 * answers is what is connected to, so an answer of the name server that changes in between does not matter.
 */
export const publicLookup: LookupFunction = (host, options, answer) => {
  resolve(host, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    const refused =
      error ?? (addresses.every(({ address }) => isPublic(address)) ? null : new AddressRefused(host));
    const [first] = addresses ?? [];
    if (refused !== null) answer(refused, '', 0);
    else if (options.all === true) answer(null, addresses);
    else answer(null, first?.address ?? '', first?.family);
  });
};
