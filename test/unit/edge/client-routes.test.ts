import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Client, tenureClient } from '../../../shared/client/client.ts';
import { type Route, type RouteName, ROUTES } from '../../../shared/contract/routes.ts';
import { type LocalServer, listenOnLoopback } from '../../../local/engines/loopback.ts';
import { tenure } from '../../support/run-tenure.ts';
import { samplePath } from '../../support/sample-path.ts';

/** How each route is called: a new route does not compile until it is added here. */
const METHODS: Readonly<Record<RouteName, (client: Client) => Promise<unknown>>> = {
  sendEvents: (client) => client.sendEvents([]),
  registerHoldings: (client) => client.registerHoldings([]),
  withdrawHoldings: (client) => client.withdrawHoldings([]),
  querySubject: (client) => client.querySubject({ entity: { type: 'contract', id: 'c-1' } }),
  listOverdue: (client) => client.listOverdue(),
  listDueHoldings: (client) => client.listDueHoldings({ day: '2026-03-01' }),
  listAttention: (client) => client.listAttention(),
  listAttentionHoldings: (client) => client.listAttentionHoldings({ reason: 'conflict' }),
  queryForecast: (client) => client.queryForecast(),
  showPolicies: (client) => client.showPolicies(),
  approvePolicies: (client) => client.approvePolicies('0'.repeat(32)),
  planPolicies: (client) => client.planPolicies({ files: [{ path: 'p.yaml', text: 'policy: p' }] }),
  queryPolicyPlan: (client) => client.queryPolicyPlan({ id: 'p-1' }),
  queryProposals: (client) => client.queryProposals(),
  confirmProposal: (client) => client.confirmProposal({ id: 'A'.repeat(22) }),
  withdrawProposal: (client) => client.withdrawProposal({ id: 'A'.repeat(22) }),
  replayRestore: (client) =>
    client.replayRestore({ store: 'orders', since: '2026-03-01T10:00:00Z', token: 't-1' }),
  queryRestoreReplay: (client) => client.queryRestoreReplay({ id: 't-1.look.0.orders' }),
  queryCoverage: (client) => client.queryCoverage(),
  listLanes: (client) => client.listLanes(),
  pauseAll: (client) => client.pause(),
  resumeAll: (client) => client.resume(),
  pauseLane: (client) => client.pause('orders'),
  resumeLane: (client) => client.resume('orders'),
  approveRule: (client) => client.approveRule('orders', { policy: 'p', rule: 'r' }),
  confirmVendor: (client) => client.confirmVendor('orders', { record: 'A'.repeat(22) }),
  abortRule: (client) => client.abortRule('orders', { policy: 'p', rule: 'r' }),
  placeHold: (client) =>
    client.placeHold({ id: 'h-1', scope: { everything: true }, matter: 'm', reason: 'r' }),
  releaseHold: (client) => client.releaseHold({ id: 'h-1', reason: 'r' }),
  queryHolds: (client) => client.queryHolds(),
  queryLog: (client) => client.queryLog({ from: '2026-03-01', to: '2026-04-01' }),
  queryLogSummary: (client) => client.queryLogSummary({ from: '2026-03-01', to: '2026-04-01' }),
  readReceipt: (client) => client.readReceipt({ index: 7 }),
  listQuarantine: (client) => client.listQuarantine(),
  replayQuarantined: (client) => client.replayQuarantined('q-1'),
  discardQuarantined: (client) => client.discardQuarantined('q-1'),
  fileRequest: (client) =>
    client.fileRequest({ id: 'r-1', kind: 'erase', entity: { type: 'person', id: 'p' } }),
  queryRequests: (client) => client.queryRequests(),
  identifyRequest: (client) => client.identifyRequest({ request: 'r' }),
  extendRequest: (client) => client.extendRequest({ request: 'r', reason: 'many records' }),
  refuseRequest: (client) => client.refuseRequest({ request: 'r', reason: 'not the person' }),
  cancelRequest: (client) => client.cancelRequest({ request: 'r' }),
  releaseRequest: (client) => client.releaseRequest({ request: 'r' }),
  closeRequest: (client) => client.closeRequest({ request: 'r' }),
};

/** `LIST` is replaced by a file with one item. */
const COMMANDS: Readonly<Record<RouteName, readonly string[]>> = {
  sendEvents: ['send', 'LIST'],
  registerHoldings: ['register', 'LIST'],
  withdrawHoldings: ['withdraw', 'LIST'],
  querySubject: ['subject', 'contract', 'c-1'],
  listOverdue: ['overdue'],
  listDueHoldings: ['overdue', '--day', '2026-03-01'],
  listAttention: ['attention'],
  listAttentionHoldings: ['attention', 'conflict'],
  queryForecast: ['forecast'],
  showPolicies: ['policy', 'status'],
  approvePolicies: ['policy', 'approve', '0'.repeat(32)],
  planPolicies: [
    'policy',
    'plan',
    'examples/policies/calendera.yaml',
    '--set',
    'calendera/reasonable period=90 days',
    '--set',
    'calendera/booking period=2 years',
  ],
  queryPolicyPlan: ['policy', 'plan', '--id', 'p-1'],
  queryProposals: ['proposals'],
  confirmProposal: ['confirm', 'A'.repeat(22)],
  withdrawProposal: ['proposals', 'withdraw', 'A'.repeat(22)],
  replayRestore: ['restore', 'replay', '--store', 'orders', '--since', '2026-03-01T10:00:00Z'],
  queryRestoreReplay: ['restore', 'replay', '--id', 't-1.look.0.orders'],
  queryCoverage: ['coverage'],
  listLanes: ['lanes'],
  pauseAll: ['pause'],
  resumeAll: ['resume'],
  pauseLane: ['pause', 'orders'],
  resumeLane: ['resume', 'orders'],
  approveRule: ['approve', 'orders', '--policy', 'p', '--rule', 'r'],
  confirmVendor: ['vendor', 'confirm', '--store', 'orders', '--record', 'A'.repeat(22)],
  abortRule: ['abort', 'orders', '--policy', 'p', '--rule', 'r'],
  placeHold: ['hold', 'place', 'h-1', '--everything', '--matter', 'm', '--reason', 'r', '--execute'],
  releaseHold: ['hold', 'release', 'h-1', '--reason', 'r', '--execute'],
  queryHolds: ['hold', 'list'],
  queryLog: ['log', 'list'],
  queryLogSummary: ['log', 'summary'],
  readReceipt: ['log', 'receipt', '7'],
  listQuarantine: ['quarantine', 'list'],
  replayQuarantined: ['quarantine', 'replay', 'q-1'],
  discardQuarantined: ['quarantine', 'discard', 'q-1'],
  fileRequest: ['request', 'erase', 'person', 'p-1', '--id', 'r-1'],
  queryRequests: ['request', 'list'],
  identifyRequest: ['request', 'identify', 'r', '--execute'],
  extendRequest: ['request', 'extend', 'r', '--reason', 'many records', '--execute'],
  refuseRequest: ['request', 'refuse', 'r', '--reason', 'not the person', '--execute'],
  cancelRequest: ['request', 'cancel', 'r', '--execute'],
  releaseRequest: ['request', 'release', 'r', '--execute'],
  closeRequest: ['request', 'close', 'r', '--execute'],
};

/** Of these, 2 says that something changes. */
const QUESTIONS: readonly RouteName[] = [
  'planPolicies',
  'queryPolicyPlan',
  'replayRestore',
  'queryRestoreReplay',
];

function codeOf(name: RouteName): number {
  return QUESTIONS.includes(name) ? 1 : 3;
}

const NAMES = Object.keys(ROUTES) as RouteName[];
const requestTo = ({ method, path }: Route): string => `${method} ${samplePath(path)}`;

test.each(NAMES)('the client asks for the route %s', async (name) => {
  const asked: string[] = [];
  const client = tenureClient({
    url: 'https://api.example',
    region: 'eu-central-1',
    credentials: () => ({ accessKeyId: 'key', secretAccessKey: 'secret' }),
    fetch: async (url, init) => {
      const request = new Request(url, init);
      asked.push(`${request.method} ${new URL(request.url).pathname}`);
      return new Response('{}', { status: 403 });
    },
  });
  await expect(METHODS[name](client)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  expect(asked).toEqual([requestTo(ROUTES[name])]);
});

describe('the command', () => {
  const asked: string[] = [];
  let server: LocalServer;
  let folder: string;
  beforeAll(async () => {
    const http = createServer((request, response) => {
      asked.push(`${request.method} ${new URL(request.url ?? '/', 'http://api').pathname}`);
      request.resume();
      response.writeHead(403).end('{}');
    });
    server = await listenOnLoopback(http);
    folder = await mkdtemp(join(tmpdir(), 'tenure-routes-'));
    await writeFile(join(folder, 'list.json'), '[{}]');
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  test.each(NAMES)('asks for the route %s', async (name) => {
    asked.length = 0;
    const args = COMMANDS[name].map((arg) => (arg === 'LIST' ? join(folder, 'list.json') : arg));
    const env = {
      TENURE_URL: server.endpoint,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'key',
      AWS_SECRET_ACCESS_KEY: 'secret',
    };
    expect(await tenure(args, env)).toMatchObject({ code: codeOf(name), out: '' });
    expect(asked).toEqual([requestTo(ROUTES[name])]);
  });
});
