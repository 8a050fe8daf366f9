import { Readable, Writable } from 'node:stream';
import type { Credentials } from '../../shared/client/client.ts';
import { runCli } from '../../cli/run-cli.ts';

/** One run of the command in this process. */
export async function tenure(
  args: readonly string[],
  env: Record<string, string> = {},
  now = () => 0,
  input = '',
) {
  const [out, err] = [collecting(), collecting()];
  const code = await runCli(args, {
    env,
    credentials: async () => keysOf(env),
    stdin: Readable.from([input]),
    stdout: out.stream,
    stderr: err.stream,
    now,
  });
  return { code, out: out.text(), err: err.text() };
}

function keysOf(env: Record<string, string>): Credentials {
  return {
    accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
  };
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
