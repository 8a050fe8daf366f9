import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import type { ClientRequest, IncomingMessage } from 'node:http';

/**
 * Loaded into every function that the emulator runs: writes down which action the function was denied, so that a missing
 * grant has a name. AWS has this in CloudTrail; the emulator's leaves errors out. Of an answer's content only the action
 * is read, as IAM's sentence names it.
 */
const file = process.env['TENURE_E2E_DENIALS'];
const who = process.env['AWS_LAMBDA_FUNCTION_NAME'];
const ACTION = /not authorized to perform: ([\w-]+:\w+)/;

if (file !== undefined && who !== undefined && !who.startsWith('probe-')) {
  subscribe('http.client.response.finish', (message) => {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
    const code = String(response.headers['x-amzn-errortype'] ?? '');
    if (response.statusCode !== 403 && !code.startsWith('AccessDenied')) return;
    const said: Buffer[] = [];
    const push = response.push.bind(response);
    // The content is passed on to the caller.
    response.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
      if (Buffer.isBuffer(chunk)) said.push(chunk);
      if (chunk === null) {
        const [, action] = ACTION.exec(Buffer.concat(said).toString()) ?? [];
        appendFileSync(file, `${who} was denied ${action ?? callOf(request)}\n`);
      }
      return push(chunk, encoding);
    };
  });
}

function callOf(request: ClientRequest): string {
  const target = request.getHeader('x-amz-target');
  const [path = ''] = request.path.split('?');
  return target === undefined ? `${request.method} ${path.split('/').slice(0, 2).join('/')}` : String(target);
}
