import { startDynamoDB } from '../../local/engines/dynamodb.ts';

/** The embedded engine in a process of its own, so that its work is not counted. Tells its endpoint to its parent. */
const engine = await startDynamoDB();
process.send?.(engine.endpoint);
