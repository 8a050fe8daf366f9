import dynalite from 'dynalite';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenOnLoopback, type LocalServer } from './loopback.ts';
import { type ParsedStatement, parseStatement } from './statements.ts';

export type LocalDynamoDB = LocalServer;

interface GivenStatement {
  readonly Statement: string;
  readonly Parameters: readonly Readonly<Record<string, unknown>>[];
}
interface StatementAnswer {
  readonly Error?: { readonly Code: string; readonly Message: string };
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchExecuteStatement.html */
const MOST_STATEMENTS = 25;

/**
 * Starts a DynamoDB look-alike in this process, in memory, on a free loopback port. Any credentials will do. The engine
 * has no PartiQL: batches of statements are taken here, and carried out as requests of one item.
 */
export async function startDynamoDB(): Promise<LocalDynamoDB> {
  const dynamodb = dynalite({ createTableMs: 0, deleteTableMs: 0 });
  const engine = await listenOnLoopback(dynamodb);
  const front = await listenOnLoopback(
    createServer((request, response) => {
      if (!String(request.headers['x-amz-target']).endsWith('.BatchExecuteStatement')) {
        dynamodb.emit('request', request, response);
        return;
      }
      executeBatch(engine.endpoint, request, response).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : new Error(String(error)));
      });
    }),
  );
  return {
    endpoint: front.endpoint,
    async stop() {
      await front.stop();
      await engine.stop();
    },
  };
}

async function executeBatch(
  engine: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await textOf(request);
  const send = senderOf(engine, request);
  try {
    const { Statements } = JSON.parse(body) as { readonly Statements: readonly GivenStatement[] };
    checkBatch(Statements);
    const parsed = Statements.map(({ Statement, Parameters }) => parseStatement(Statement, Parameters));
    const Responses: StatementAnswer[] = [];
    for (const statement of parsed) Responses.push(await execute(send, statement));
    response.writeHead(200).end(JSON.stringify({ Responses }));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // Clients keep DynamoDB's texts to themselves. This one has no values, and somebody has to read it.
    console.error(error.message);
    response.writeHead(400).end(JSON.stringify({ __type: 'ValidationException', message: error.message }));
  }
}

type Send = (operation: string, body: string) => Promise<{ readonly status: number; readonly text: string }>;

function senderOf(engine: string, { headers: given }: IncomingMessage): Send {
  return async (operation, body) => {
    const headers = new Headers({ 'x-amz-target': `DynamoDB_20120810.${operation}` });
    for (const name of ['content-type', 'authorization', 'x-amz-date', 'x-amz-security-token']) {
      const value = given[name];
      if (typeof value === 'string') headers.set(name, value);
    }
    const answered = await fetch(engine, { method: 'POST', headers, body });
    return { status: answered.status, text: await answered.text() };
  };
}

async function execute(send: Send, { operation, input, refusal }: ParsedStatement): Promise<StatementAnswer> {
  const answered = await send(operation, JSON.stringify(input));
  if (answered.status === 200) return {};
  const { __type = '', message = '' } = JSON.parse(answered.text) as { __type?: string; message?: string };
  const Code = __type.endsWith('ConditionalCheckFailedException') ? refusal : 'ValidationError';
  return { Error: { Code, Message: message } };
}

/** DynamoDB refuses the whole batch when it is too long or names an item twice. */
function checkBatch(statements: readonly GivenStatement[]): void {
  if (statements.length === 0 || statements.length > MOST_STATEMENTS)
    throw new SyntaxError(`A batch has 1 to ${MOST_STATEMENTS} statements, not ${statements.length}.`);
  const keys = statements.map(({ Statement, Parameters }) => {
    const isInsert = Statement.startsWith('INSERT');
    return JSON.stringify(isInsert ? Parameters.slice(0, 2) : Parameters.slice(-3, -1));
  });
  if (new Set(keys).size < keys.length) throw new SyntaxError('A batch of statements names one item twice.');
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
