import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const bin = new URL('../../../cli/bin.js', import.meta.url).pathname;

/** The command in a Node that says that it is this version. */
function runIn(version: string) {
  const lie = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
  const args = ['--import', `data:text/javascript,${encodeURIComponent(lie)}`, bin, '--version'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

test.each(['20.20.2', '22.12.0'])('Node %s is refused in one line', (version) => {
  expect(runIn(version)).toEqual({
    status: 2,
    stdout: '',
    stderr: `tenure needs Node 24 or later, and this is Node ${version}. In a checkout, \`npx tenure\` uses the right one.\n`,
  });
});

test.each(['24.0.0', '26.1.0'])('Node %s is not', (version) => {
  expect(runIn(version)).toMatchObject({ status: 0, stderr: '' });
});
