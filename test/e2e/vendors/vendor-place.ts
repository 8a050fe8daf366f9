import { readFile } from 'node:fs/promises';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { startVendor, type VendorServer } from '../../support/vendor/vendor-server.ts';
import { type Emulator, REGION, ROOT_KEY } from '../emulator.ts';
import { MAILINGS, TOKEN, type VendorPlace } from './vendor-settings.ts';

/** Questions that the vendor answers with "queued". The first one is asked after five minutes, and each takes longer than the one before. */
const QUEUED = 0;

export interface LateVendor extends VendorPlace {
  readonly server: VendorServer;
}

/** A vendor with the certificate of the run: it accepts a request, and says when it is asked later that it is done. */
export async function lateVendor({ endpoint, files }: Emulator): Promise<LateVendor> {
  const [cert, key] = await Promise.all([readFile(files.certificate, 'utf8'), readFile(files.key, 'utf8')]);
  const server = await startVendor({ cert, key });
  let asked = 0;
  server.behave(({ method, headers }, response) => {
    if (headers.authorization !== `Bearer ${TOKEN}`) return void response.writeHead(401).end();
    if (method === 'DELETE') return void response.writeHead(202, { location: '/jobs/1' }).end('{}');
    asked += 1;
    const state = asked > QUEUED ? 'done' : 'queued';
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ state }));
  });
  const client = new SecretsManagerClient({ endpoint, region: REGION, credentials: ROOT_KEY });
  const SecretString = JSON.stringify({ token: TOKEN });
  const { ARN = '' } = await client.send(new CreateSecretCommand({ Name: MAILINGS, SecretString }));
  client.destroy();
  return { server, origin: server.origin, secret: ARN };
}
