import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import type { ClientRequest, IncomingMessage } from 'node:http';

/**
 * Loaded into every function that the emulator runs: writes down what the function was denied, so that a missing grant
 * has a name. AWS has this in CloudTrail; the emulator's leaves errors out. Nothing of a request's content is read.
 */
const file = process.env['TENURE_E2E_DENIALS'];
const who = process.env['AWS_LAMBDA_FUNCTION_NAME'];

if (file !== undefined && who !== undefined && !who.startsWith('probe-')) {
  subscribe('http.client.response.finish', (message) => {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
    const code = String(response.headers['x-amzn-errortype'] ?? '');
    if (response.statusCode !== 403 && !code.startsWith('AccessDenied')) return;
    const target = request.getHeader('x-amz-target');
    const [path = ''] = request.path.split('?');
    const call =
      target === undefined ? `${request.method} ${path.split('/').slice(0, 2).join('/')}` : String(target);
    appendFileSync(file, `${who} was denied ${call}\n`);
  });
}
