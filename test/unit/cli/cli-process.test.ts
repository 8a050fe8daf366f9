import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const bin = new URL('../../../cli/bin.js', import.meta.url).pathname;

describe('the command', () => {
  /** The command in a Node that says that it is this version. */
  function runIn(version: string) {
    const lie = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
    const args = ['--import', `data:text/javascript,${encodeURIComponent(lie)}`, bin, '--version'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    return { status, stdout, stderr };
  }

  test.each(['20.20.2', '22.12.0'])('refuses Node %s in one line', (version) => {
    expect(runIn(version)).toEqual({
      status: 2,
      stdout: '',
      stderr: `tenure needs Node 24 or later, and this is Node ${version}. In a checkout, \`npx tenure\` uses the right one.\n`,
    });
  });

  test('runs in Node 24', () => {
    expect(runIn('24.0.0')).toMatchObject({ status: 0, stderr: '' });
  });

  test.each([
    ['30 dyas after x.y', 1],
    ['30 days after x.y', 0],
  ])('ends for “%s” with %d, also if its output is not read to the end', async (rule, code) => {
    const child = spawn(process.execPath, [bin, 'rule', 'check', rule], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    const said: Buffer[] = [];
    child.stderr.on('data', (part: Buffer) => said.push(part));
    expect(await once(child, 'close')).toEqual([code, null]);
    expect(Buffer.concat(said).toString()).toBe('');
  });

  test.runIf(existsSync('/dev/full'))('does not end well where its output could not be written', () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [bin, '--help'], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(full);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'Standard output could not be written (ENOSPC): check its free space.\n',
    });
  });
});
