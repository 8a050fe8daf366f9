import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A self-signed certificate for `localhost` and 127.0.0.1, or for another `host`. Needs the package `openssl`. */
export async function makeCertificate(host = 'DNS:localhost,IP:127.0.0.1'): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), 'tenure-vendor-'));
  const [cert, key] = [join(folder, 'server.crt'), join(folder, 'server.key')];
  const request = `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=vendor -addext subjectAltName=${host}`;
  try {
    await promisify(execFile)('openssl', [...request.split(' '), '-keyout', key, '-out', cert]);
    return { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') };
  } finally {
    await rm(folder, { recursive: true });
  }
}
