import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { noteKey, vkeyOf } from '../../../shared/domain/log/note.ts';
import { DEPLOYMENT } from '../app-settings.ts';
import { finish } from '../command.ts';
import { REGION, ROOT_KEY } from '../emulator.ts';
import { outputOf } from '../people.ts';
import type { Scoreboard } from '../scoreboard.ts';
import type { World } from '../world.ts';

const MINUTE = 60_000;
/** The first bytes of an Ed25519 key as KMS answers it (RFC 8410); the key itself is the last 32. */
const SPKI_BYTES = 12;

/**
 * What an auditor does who trusts no one here: the public key from KMS with their own credentials, a copy of the bucket,
 * and the packaged command. The emulator's KMS signs with Ed25519 as AWS's does.
 */
export async function checkSignedLog(world: World, board: Scoreboard): Promise<void> {
  const state = world.outputs[`${DEPLOYMENT}-state`] ?? {};
  const KeyId = outputOf(state, 'SigningKeyArn');
  const kms = new KMSClient({
    endpoint: world.emulator.endpoint,
    region: REGION,
    credentials: async () => credentialsOf(world),
  });

  await board.scenario(
    'a copy of the log is right by the key that KMS gives out, and by no byte less; so are receipts of the API',
    async () => {
      const { PublicKey = new Uint8Array() } = await kms.send(new GetPublicKeyCommand({ KeyId }));
      const vkey = vkeyOf(noteKey(outputOf(state, 'DeletionLogOrigin'), PublicKey.subarray(SPKI_BYTES)));
      const folder = await copyOfLog(world);
      const audit = () =>
        finish(command(world), ['log', 'audit', '--log', folder, '--key', vkey, '--json'], {
          cwd: world.app,
          env: world.people.environmentOf('auditor'),
        });
      const right = await audit();
      if (right.code !== 0) throw new Error(`the audit ended with ${right.code}: ${right.out} ${right.err}`);
      const { size } = JSON.parse(right.out) as { readonly size: number };
      for (const index of [0, size - 1]) {
        const receipt = await finish(command(world), ['log', 'receipt', String(index), '--key', vkey], {
          cwd: world.app,
          env: { ...world.people.environmentOf('auditor'), TENURE_URL: world.people.url },
        });
        if (receipt.code !== 0) throw new Error(`the API gave no receipt of entry ${index}: ${receipt.err}`);
      }
      const tile = await changeTile(folder);
      const wrong = await audit();
      if (wrong.code !== 1) throw new Error(`with a changed ${tile} the audit ended with ${wrong.code}`);
      return `${size} entries`;
    },
  );

  await board.scenario('no one but the seal signs', async () => {
    const asked = {
      KeyId,
      Message: Buffer.from('x'),
      MessageType: 'RAW',
      SigningAlgorithm: 'ED25519_SHA_512',
    } as const;
    const answer = await kms.send(new SignCommand(asked)).then(
      () => 'done',
      (error: unknown) => (error instanceof Error ? error.name : 'unknown'),
    );
    board.refused('an auditor signs a checkpoint', answer, ['AccessDeniedException', 'AccessDenied']);
    return undefined;
  });
  kms.destroy();
}

const command = ({ app }: World): string => join(app, 'node_modules/.bin/tenure');

function credentialsOf({ people }: World) {
  const env = people.environmentOf('auditor');
  return { accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '', secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '' };
}

/**
 * Every object as a file, once everything that has its place is signed: a minute at most. In the folder of the run, which
 * is removed at its end.
 */
async function copyOfLog({ emulator, app, logBucket: Bucket }: World): Promise<string> {
  const client = new S3Client({ endpoint: emulator.endpoint, region: REGION, credentials: ROOT_KEY });
  const until = Date.now() + MINUTE;
  for (;;) {
    const folder = await mkdtemp(join(dirname(app), 'log-'));
    let lines = 0;
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket })) {
      for (const { Key = '' } of Contents) {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
        const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
        if (Key.startsWith('entries/')) lines += Buffer.from(bytes).toString('utf8').split('\n').length - 1;
        await mkdir(dirname(join(folder, Key)), { recursive: true });
        await writeFile(join(folder, Key), bytes);
      }
    }
    const size = Number((await readFile(join(folder, 'checkpoint'), 'utf8').catch(() => '')).split('\n')[1]);
    if (size === lines || Date.now() > until) {
      client.destroy();
      if (size !== lines) throw new Error(`${lines} entries have a place, and ${size} are signed`);
      return folder;
    }
    await sleep(2000);
  }
}

/** The first tile has one bit less, or more. */
async function changeTile(folder: string): Promise<string> {
  const size = Number((await readFile(join(folder, 'checkpoint'), 'utf8')).split('\n')[1]);
  const tile = size < 256 ? `tile/0/000.p/${size}` : 'tile/0/000';
  const bytes = await readFile(join(folder, tile));
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  await writeFile(join(folder, tile), bytes);
  return tile;
}
