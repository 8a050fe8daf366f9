import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../shared/domain/log/checkpoint.ts';
import { unsignedFor } from '../../../shared/protocol/log/signed-until.ts';
import { writeLog } from '../../../shared/protocol/log/write-log.ts';
import { testKey, testWitness } from '../../support/log/note-keys.ts';
import { askedDirectly, witnessBook } from '../../support/log/witness-book.ts';
import {
  answering,
  LOG_KEY,
  publishedAs,
  silent,
  witnessedWorld,
} from '../../support/log/witnessed-world.ts';
import { unsigned, wrongTree } from '../../support/log/wrong-tree.ts';

const HOUR = 3_600_000;

describe('a log with witnesses', () => {
  test('publishes each checkpoint with the lines of all that have cosigned it', async () => {
    const w = witnessedWorld();
    for (const lines of [3, 300, 1, 600]) {
      await w.result(lines);
      await writeLog(w.core);
    }
    expect(w.published()).toEqual(['3: w1 w2 w3', '303: w1 w2 w3', '304: w1 w2 w3', '904: w1 w2 w3']);
    expect(w.said()).toEqual(Array.from({ length: 4 }, () => 'seal.witnessed 3'));
    expect([...(await wrongTree(w)), ...unsigned(w)]).toEqual([]);
    for (const { statuses } of w.books) expect(statuses).toEqual([200, 200, 200, 200]);
  });

  test('asks no one while nothing is new', async () => {
    const w = witnessedWorld();
    await w.result(3);
    for (let run = 0; run < 5; run += 1) await writeLog(w.core);
    expect(w.books.map(({ statuses }) => statuses)).toEqual([[200], [200], [200]]);
    expect(w.bucket.allCheckpoints()).toHaveLength(1);
  });

  test('goes on from what a witness knows, however old that is', async () => {
    const w = witnessedWorld();
    for (const lines of [1, 254, 1, 1, 500, 7]) {
      await w.result(lines);
      await writeLog(w.replacing(silent(w.books[0] ?? expect.fail())));
    }
    await w.result(70_000);
    await writeLog(w.core);
    expect(w.published().at(-1)).toBe('70764: w1 w2 w3');
    await w.result(2);
    await writeLog(w.core);
    expect(w.published().at(-1)).toBe('70766: w1 w2 w3');
  });

  test('has been without them until now: the published checkpoint is cosigned, and replaced', async () => {
    const w = witnessedWorld();
    await w.result(5);
    await writeLog(w.plain);
    await writeLog(w.core);
    expect(w.published()).toEqual(['5:', '5: w1 w2 w3']);
    await w.result(5);
    await writeLog(w.plain);
    await w.result(5);
    await writeLog(w.core);
    expect(w.published().slice(2)).toEqual(['10:', '15: w1 w2 w3']);
  });

  test('lets a key of the log end only after a published tree has the entry of the next one', async () => {
    const w = witnessedWorld();
    const next = testKey('tenure/deletion-log', 8);
    const signer = {
      name: next.key.name,
      publicKey: async () => next.key.publicKey,
      sign: async (text: string) => next.sign(text),
    };
    const laterKeys = [{ signer, from: w.clock.now() }];
    const core = { ...w.core, laterKeys };
    const away = { ...w.replacing(...w.books.map(silent)), laterKeys };
    const signersOf = (note = ''): unknown => {
      const opened = openCheckpoint(note, [LOG_KEY, next.key]);
      return opened.ok && opened.signers.map(({ id }) => (id === LOG_KEY.id ? 'old' : 'new'));
    };
    await w.result(1);
    await writeLog(away);
    w.clock.advance(40 * 24 * HOUR);
    await w.result(1);
    await writeLog(away);
    expect(w.bucket.allCheckpoints()).toEqual([]);
    expect(w.bucket.allCheckpoints('unwitnessed').map(signersOf)).toEqual([
      ['old', 'new'],
      ['old', 'new'],
    ]);
    await writeLog(core);
    expect(w.bucket.allCheckpoints().map(signersOf)).toEqual([['old', 'new']]);
    await w.result(1);
    await writeLog(away);
    expect(signersOf(w.bucket.allCheckpoints('unwitnessed').at(-1))).toEqual(['new']);
  });
});

describe('with too few cosignatures', () => {
  test('and `wait`, the last published checkpoint stays, and everything else goes on', async () => {
    const w = witnessedWorld();
    await w.result(3);
    await writeLog(w.core);
    const [w1, w2] = w.books.map(silent);
    for (let run = 0; run < 4; run += 1) {
      await w.result(100);
      await writeLog(w.replacing(w1, w2));
    }
    expect(w.published()).toEqual(['3: w1 w2 w3']);
    expect((await w.registry.head()).size).toBe(403);
    expect(w.bucket.allCheckpoints('unwitnessed').at(-1)).toContain('\n403\n');
    expect(w.said().slice(-3)).toEqual([
      'seal.witness-missing w1 WITNESS_NO_ANSWER',
      'seal.witness-missing w2 WITNESS_NO_ANSWER',
      'seal.unwitnessed 1',
    ]);
    await writeLog(w.replacing(w1));
    expect(w.published()).toEqual(['3: w1 w2 w3', '403: w2 w3']);
    expect([...(await wrongTree(w)), ...unsigned(w)]).toEqual([]);
  });

  test('and `wait`, those that are there are kept, and not asked for again while nothing is new', async () => {
    const w = witnessedWorld();
    const [w1, w2, w3] = w.books.map(silent);
    await w.result(3);
    await writeLog(w.replacing(undefined, w2, w3));
    expect(w.published()).toEqual([]);
    const asked = w.books[0]?.statuses.length;
    for (let run = 0; run < 3; run += 1) await writeLog(w.replacing(undefined, w2, w3));
    expect(w.books[0]?.statuses.length).toBe(asked);
    expect(w.bucket.allCheckpoints('unwitnessed')).toHaveLength(2);
    await writeLog(w.replacing(w1, undefined, w3));
    expect(w.published()).toEqual(['3: w1 w2']);
    expect(w.said().at(-1)).toBe('seal.witnessed 2');
    expect([...(await wrongTree(w)), ...unsigned(w)]).toEqual([]);
  });

  test('and `wait`, what is kept is of its own checkpoint, and counts only by the witnesses of now', async () => {
    const w = witnessedWorld();
    const [w1, w2, w3] = w.books.map(silent);
    await w.result(3);
    await writeLog(w.replacing(undefined, w2, w3));
    await w.result(1);
    await writeLog(w.replacing(w1, undefined, w3));
    expect(w.published()).toEqual([]);
    const all = w.witnesses.all.filter((_one, at) => at !== 1);
    await writeLog({ ...w.core, witnesses: { ...w.witnesses, all: [all[0] ?? expect.fail()] } });
    expect(w.published()).toEqual([]);
    await writeLog(w.replacing(w1, w2));
    expect(w.published()).toEqual(['4: w1 w3']);
  });

  test('and `wait`, what is kept of a log that was published without witnesses is kept, too', async () => {
    const w = witnessedWorld();
    const [w1, w2, w3] = w.books.map(silent);
    await w.result(3);
    await writeLog(w.plain);
    await writeLog(w.replacing(w1, undefined, w3));
    await writeLog(w.replacing(undefined, w2, w3));
    expect(w.published()).toEqual(['3:', '3: w1 w2']);
  });

  test('and `goOn`, it is published all the same, and again when they have cosigned', async () => {
    const w = witnessedWorld({ ifMissing: 'goOn' });
    const [w1, w2, w3] = w.books.map(silent);
    await w.result(3);
    await writeLog(w.replacing(w1, w2, w3));
    await writeLog(w.replacing(w1, w2, w3));
    expect(w.published()).toEqual(['3:']);
    await writeLog(w.replacing(w1, w2));
    expect(w.said().at(-1)).toBe('seal.unwitnessed 1');
    await writeLog(w.core);
    expect(w.published()).toEqual(['3:', '3: w3', '3: w1 w2 w3']);
    await w.result(1);
    await writeLog(w.replacing(w1, w2));
    expect(w.published().at(-1)).toBe('4: w3');
  });

  test('nothing grows with the number of failures but the versions of what is new', async () => {
    for (const ifMissing of ['wait', 'goOn'] as const) {
      const w = witnessedWorld({ ifMissing });
      const away = w.replacing(...w.books.map(silent));
      await w.result(300);
      await writeLog(away);
      const count = (): readonly number[] => [
        w.bucket.allObjects().length,
        w.bucket.allCheckpoints().length,
        w.bucket.allCheckpoints('unwitnessed').length,
      ];
      const after = count();
      for (let run = 0; run < 10; run += 1) await writeLog(away);
      expect(count()).toEqual(after);
    }
  });

  test.each(['wait', 'goOn'] as const)('and `%s`, the hourly sweep is told after three hours', async (is) => {
    const w = witnessedWorld({ ifMissing: is });
    await w.result(3);
    await writeLog(w.core);
    w.clock.advance(HOUR);
    const since = w.clock.now();
    const away = w.replacing(...w.books.map(silent));
    for (let hour = 0; hour < 4; hour += 1) {
      expect(await unsignedFor(w.core, 3 * HOUR)).toBeUndefined();
      await w.result(2);
      await writeLog(away);
      w.clock.advance(HOUR - 1);
    }
    w.clock.advance(4);
    expect(await unsignedFor(w.core, 3 * HOUR)).toEqual({
      code: 'witness-lag',
      count: is === 'wait' ? 8 : 0,
      since,
    });
    await writeLog(w.core);
    expect(await unsignedFor(w.core, 3 * HOUR)).toBeUndefined();
  });
});

describe('a witness', () => {
  test.each([
    ['answers with nothing', 200, '', 'WITNESS_WRONG'],
    ['answers with nonsense', 200, '\u0000', 'WITNESS_WRONG'],
    [
      'answers with the cosignature of another text',
      200,
      testWitness('witness.example/w1', 101).line('a\n1\n'),
      'WITNESS_WRONG',
    ],
    ['answers under another key', 200, testWitness('witness.example/w1', 66).line('a\n1\n'), 'WITNESS_WRONG'],
    ['says that it knows what no number is', 409, 'lots\n', 'WITNESS_WRONG 409'],
    ['says that it knows what it was just asked about', 409, '0\n', 'WITNESS_WRONG 409'],
    ['says that it knows more than there is', 409, '9007199254740991\n', 'WITNESS_CONTRADICTS'],
    ['changes what it knows', 409, '2\n', 'WITNESS_WRONG 409'],
    ['does not know the log', 404, '', 'WITNESS_REFUSED 404'],
    ['does not know the key', 403, '', 'WITNESS_REFUSED 403'],
    ['redirects', 302, '', 'WITNESS_REFUSED 302'],
    ['fails', 500, 'a secret', 'WITNESS_REFUSED 500'],
    ['says that the log is another one', 422, '', 'WITNESS_CONTRADICTS 422'],
  ])(
    'that %s is left out and reported, and keeps no other one from cosigning',
    async (_is, status, text, code) => {
      const w = witnessedWorld();
      await w.result(3);
      await writeLog(w.replacing(answering(w.books[0] ?? expect.fail(), status, text)));
      expect(w.published()).toEqual(['3: w2 w3']);
      expect(w.said()).toEqual([`seal.witness-missing w1 ${code}`, 'seal.witnessed 2']);
    },
  );

  test('is asked three times at most', async () => {
    const w = witnessedWorld();
    await w.result(9);
    let asked = 0;
    const fickle = {
      ...askedDirectly(w.books[0] ?? expect.fail()),
      addCheckpoint: async () => ({ status: 409, text: `${(asked += 1)}\n` }),
    };
    await writeLog(w.replacing(fickle));
    expect(asked).toBe(3);
    expect(w.published()).toEqual(['9: w2 w3']);
  });

  test('whose clock is more than an hour ahead is not believed', async () => {
    const w = witnessedWorld();
    const now = (): number => w.clock.now() / 1000;
    const [ahead, right] = [3601, 3600].map((more, at) =>
      witnessBook(testWitness(`witness.example/w${at + 1}`, 101 + at), [LOG_KEY], () => now() + more),
    );
    await w.result(1);
    await writeLog(w.replacing(ahead && askedDirectly(ahead), right && askedDirectly(right)));
    expect(w.published()).toEqual(['1: w2 w3']);
  });

  test('that counts twice under two names is one witness', async () => {
    const w = witnessedWorld({ needed: 2 });
    await w.result(1);
    const alias = witnessBook(testWitness('witness.example/alias', 101), [LOG_KEY]);
    await writeLog(w.replacing(undefined, askedDirectly(alias), silent(w.books[2] ?? expect.fail())));
    expect(w.published()).toEqual([]);
    expect(w.said().at(-1)).toBe('seal.unwitnessed 1');
  });

  test('whose tiles for a proof are gone is left out', async () => {
    const w = witnessedWorld();
    await w.result(300);
    await writeLog(w.replacing(undefined, silent(w.books[1] ?? expect.fail())));
    await w.result(300);
    const bucket = {
      ...w.bucket,
      get: async (key: string) => (key.startsWith('tile/0/000') ? undefined : w.bucket.get(key)),
    };
    const away = silent(w.books[1] ?? expect.fail());
    const core = w.replacing(answering(w.books[0] ?? expect.fail(), 409, '17\n'), away);
    await writeLog({ ...core, bucket });
    expect(w.said()).toContain('seal.witness-missing w1 WITNESS_UNPROVEN');
  });

  test('that another run has asked for a larger log meanwhile does not contradict this one', async () => {
    const w = witnessedWorld();
    const [book = expect.fail()] = w.books;
    await w.result(3);
    await writeLog(w.core);
    await w.result(1);
    let asked = 0;
    const late = {
      ...askedDirectly(book),
      async addCheckpoint(body: string) {
        asked += 1;
        if (asked > 1) return book.add(body);
        await w.result(500);
        await writeLog(w.core);
        return book.add(body);
      },
    };
    await writeLog(w.replacing(late));
    expect(w.published()).toEqual(['3: w1 w2 w3', '504: w1 w2 w3']);
    expect(w.said().filter((line) => line.includes('missing'))).toEqual([]);
    expect(asked).toBe(1);
  });

  test('refuses a log that was rolled back or split, and that is an incident', async () => {
    const w = witnessedWorld();
    await w.result(10);
    await writeLog(w.core);
    const other = witnessedWorld();
    for (const lines of [4, 20]) {
      for (let one = 0; one < lines; one += 1) await other.result(1);
      await writeLog({ ...other.core, witnesses: w.witnesses });
    }
    expect(other.bucket.allCheckpoints().map((note) => publishedAs(note, w.books))).toEqual([]);
    expect(other.said().filter((line) => line.includes('w1'))).toEqual([
      'seal.witness-missing w1 WITNESS_CONTRADICTS',
      'seal.witness-missing w1 WITNESS_CONTRADICTS 422',
    ]);
    expect(w.books[0]?.cosigned).toHaveLength(1);
  });
});
