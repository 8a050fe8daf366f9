import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { textOf } from '../../shared/stores/store-failure.ts';

const TIMEOUT = 5000;

/** How TLS says that it does not trust a certificate: https://docs.openssl.org/3.0/man1/openssl-verification-options/ */
const OF_A_CERTIFICATE = /CERT|^UNABLE_TO_|^INVALID_CA$|^HOSTNAME_MISMATCH$/;

export type TlsProblem =
  | { readonly kind: 'certificate'; readonly code: string }
  | { readonly kind: 'no connection'; readonly code: string };

/**
 * Opens a connection to a server as requests do, checks its certificate, and closes it: nothing is sent. `undefined` if
 * that works. `authorities`: certificates that are trusted besides those of Node, as PEM.
 */
export function tlsProblem({ hostname, port }: URL, authorities?: string): Promise<TlsProblem | undefined> {
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port: port === '' ? 443 : Number(port),
      // An address cannot be the name of a server (RFC 6066, section 3).
      ...(isIP(host) === 0 && { servername: host }),
      ...(authorities !== undefined && { ca: authorities }),
    });
    const end = (problem: TlsProblem | undefined): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.setTimeout(TIMEOUT, () => end({ kind: 'no connection', code: 'ETIMEDOUT' }));
    socket.on('secureConnect', () => end(undefined));
    socket.on('error', (error) => {
      const code = textOf(error, 'code') ?? 'no answer';
      end({ kind: OF_A_CERTIFICATE.test(code) ? 'certificate' : 'no connection', code });
    });
  });
}
