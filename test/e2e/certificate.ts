import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { run } from './command.ts';

export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate for this run, which this process trusts from now on; other processes get its path. */
export async function makeCertificate(folder: string): Promise<Certificate> {
  const [certificate, key] = [join(folder, 'server.crt'), join(folder, 'server.key')];
  const names = 'subjectAltName=DNS:localhost,DNS:*.execute-api.localhost,IP:127.0.0.1';
  const request = 'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=tenure-e2e';
  const uses = '-addext basicConstraints=critical,CA:FALSE -addext extendedKeyUsage=serverAuth';
  const args = `${request} ${uses}`.split(' ');
  await run('openssl', [...args, '-addext', names, '-keyout', key, '-out', certificate]);
  setDefaultCACertificates([...getCACertificates('default'), await readFile(certificate, 'utf8')]);
  return { certificate, key };
}
