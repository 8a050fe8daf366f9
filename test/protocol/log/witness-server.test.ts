import type { RequestListener } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { httpsWitness, witnessesIn } from '../../../shared/adapters/signing/https-witness.ts';
import { witnessVkeyOf } from '../../../shared/domain/log/cosignature.ts';
import type { Witness } from '../../../shared/ports/log.ts';
import { writeLog } from '../../../shared/protocol/log/write-log.ts';
import { muteServer } from '../../support/black-hole.ts';
import { serving, witnessServer, type WitnessServer } from '../../support/log/witness-server.ts';
import { bookOf, witnessedWorld } from '../../support/log/witnessed-world.ts';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

async function started<Server extends WitnessServer>(starting: Promise<Server>): Promise<Server> {
  const server = await starting;
  running.push(server);
  return server;
}

/** The first witness of a world, at this address. */
function at(url: string, milliseconds = 5000): Witness {
  const { key } = bookOf(1).witness;
  return httpsWitness({ name: 'w1', url, key, milliseconds });
}

test('a log and three witnesses over HTTP: each asks for what the other one expects', async () => {
  const w = witnessedWorld();
  const servers = await Promise.all(w.books.map((book) => started(witnessServer(book))));
  const core = w.replacing(
    ...w.books.map(({ witness: { key } }, n) =>
      httpsWitness({ name: `w${n + 1}`, url: servers[n]?.url ?? '', key }),
    ),
  );
  for (const lines of [3, 500, 20]) {
    await w.result(lines);
    await writeLog(core);
  }
  expect(w.published()).toEqual(['3: w1 w2 w3', '503: w1 w2 w3', '523: w1 w2 w3']);
});

describe('a server that', () => {
  const never = (): void => undefined;
  const hostile: readonly (readonly [string, RequestListener])[] = [
    ['never answers', never],
    ['begins an answer and never ends it', (_request, response) => void response.writeHead(200).write('— w')],
    [
      'answers without an end',
      (_request, response) => {
        response.writeHead(200);
        const more = (): void => {
          while (response.write('x'.repeat(60_000)));
          response.once('drain', more);
        };
        more();
      },
    ],
    ['breaks off', (_request, response) => void response.destroy()],
    [
      'sends less than it says',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('short');
        setTimeout(() => response.destroy(), 10);
      },
    ],
    [
      'sends what cannot be unpacked',
      (_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip'),
    ],
  ];

  test.each(hostile)('%s is a witness without an answer, and ends in time', async (_is, listener) => {
    const { url } = await started(serving(listener));
    expect(await at(url, 300).addCheckpoint('old 0\n\n')).toEqual({ status: 'none' });
  });

  test('redirects is not followed', async () => {
    let asked = 0;
    const other = await started(serving((_request, response) => void response.end(String((asked += 1)))));
    const { url } = await started(
      serving((_request, response) => void response.writeHead(307, { location: other.url }).end()),
    );
    expect(await at(url).addCheckpoint('')).toMatchObject({ status: 307 });
    expect(asked).toBe(0);
  });

  test('cannot be reached is a witness without an answer', async () => {
    const gone = await serving(never);
    await gone.stop();
    expect(await at(gone.url).addCheckpoint('')).toEqual({ status: 'none' });
    const mute = await muteServer();
    running.push(mute);
    expect(await at(`http://127.0.0.1:${mute.port}`, 200).addCheckpoint('')).toEqual({ status: 'none' });
  });

  test('hangs keeps no entry from its place and its signature, nor another witness from cosigning', async () => {
    const w = witnessedWorld();
    const { url } = await started(serving(never));
    await w.result(3);
    await writeLog(w.replacing(at(url, 200)));
    expect(w.published()).toEqual(['3: w2 w3']);
    expect(w.said()).toContain('seal.witness-missing w1 WITNESS_NO_ANSWER');
  });
});

describe('the variable of the function', () => {
  const key = witnessVkeyOf(bookOf(1).witness.key);
  const settings = {
    needed: 1,
    ifMissing: 'wait',
    witnesses: [{ name: 'one', url: 'https://w.example', key }],
  };

  test('names the witnesses, or none', () => {
    expect(witnessesIn('none')).toBeUndefined();
    expect(witnessesIn(JSON.stringify(settings))).toMatchObject({
      needed: 1,
      ifMissing: 'wait',
      all: [{ name: 'one', key: bookOf(1).witness.key }],
    });
  });

  test('with anything else, or with a witness that is not asked over HTTPS, starts nothing', () => {
    const [own] = settings.witnesses;
    for (const wrong of [
      '',
      '{}',
      JSON.stringify({ ...settings, witnesses: [{ ...own, key: 'x' }] }),
      JSON.stringify({ ...settings, witnesses: [{ ...own, url: 'http://w.example' }] }),
      JSON.stringify({ ...settings, witnesses: [{ ...own, url: 'ftp://127.0.0.1' }] }),
    ])
      expect(() => witnessesIn(wrong)).toThrow();
  });
});
