import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkpointText, openCheckpoint, parseCheckpoint } from '../../../shared/domain/log/checkpoint.ts';
import { signedBy, signedCheckpoint, testKey } from '../../support/log/note-keys.ts';

const ROOT = Buffer.alloc(32, 5);
const log = testKey();

describe('a checkpoint', () => {
  it('is origin, size and root, a line each', () => {
    expect(checkpointText({ origin: 'a/b', size: 20_852_163, root: ROOT })).toBe(
      'a/b\n20852163\nBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU=\n',
    );
  });

  it('is read as it was written, with the lines that follow', () => {
    const line = fc.string({ minLength: 1 }).filter((text) => !text.includes('\n'));
    fc.assert(
      fc.property(line, fc.maxSafeNat(), fc.array(line), (origin, size, extensions) => {
        const written = { origin, size, root: ROOT, ...(extensions.length > 0 && { extensions }) };
        expect(parseCheckpoint(checkpointText(written))).toEqual(written);
      }),
    );
  });

  it('in another form is not read', () => {
    const root = ROOT.toString('base64');
    for (const text of [
      '',
      'a\n1\n',
      `a\n1\n${root}`,
      `\n1\n${root}\n`,
      `a\n01\n${root}\n`,
      `a\n-1\n${root}\n`,
      `a\n1.0\n${root}\n`,
      `a\n9007199254740992\n${root}\n`,
      `a\n1\n${root.slice(0, -1)}\n`,
      `a\n1\n${root.replace('U=', 'V=')}\n`,
      `a\n1\n${Buffer.alloc(31).toString('base64')}\n`,
      `a\n1\n${root}\n\n`,
      `a\n1\r\n${root}\n`,
    ])
      expect(parseCheckpoint(text)).toBeUndefined();
  });

  it('is opened by the key of its log', () => {
    const opened = openCheckpoint(signedCheckpoint({ size: 3, root: ROOT }), [log.key]);
    expect(opened).toEqual({
      ok: true,
      checkpoint: { origin: log.key.name, size: 3, root: ROOT },
      signers: [log.key],
    });
  });

  it('of another log is refused, even if the key signed it', () => {
    const text = checkpointText({ origin: 'other.example/log', size: 3, root: ROOT });
    expect(openCheckpoint(signedBy(text, log), [log.key])).toEqual({ ok: false, fault: 'other-origin' });
  });

  it('is refused where the note is no checkpoint, or is signed by another key', () => {
    expect(openCheckpoint(signedBy('a\n', log), [log.key])).toEqual({ ok: false, fault: 'not-a-checkpoint' });
    expect(openCheckpoint('a\n', [log.key])).toEqual({ ok: false, fault: 'not-a-note' });
    const other = signedCheckpoint({ size: 3, root: ROOT }, testKey(log.key.name, 8));
    expect(openCheckpoint(other, [log.key])).toEqual({ ok: false, fault: 'not-signed' });
  });
});
