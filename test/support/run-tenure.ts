import { Writable } from 'node:stream';
import { runCli } from '../../cli/run-cli.ts';

/** One run of the command in this process. */
export async function tenure(args: readonly string[], env: Record<string, string> = {}, now = () => 0) {
  const [out, err] = [collecting(), collecting()];
  const code = await runCli(args, { env, stdout: out.stream, stderr: err.stream, now });
  return { code, out: out.text(), err: err.text() };
}

function collecting(): { readonly stream: Writable; text(): string } {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return { stream, text: () => text };
}
