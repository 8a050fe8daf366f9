import { startDynamoDB } from '../../local/engines/dynamodb.ts';
import { startS3 } from '../../local/engines/s3.ts';

/** An embedded engine in a process of its own, so that its work is not counted. Tells its endpoint to its parent. */
const engine = await (process.argv[2] === 'objects' ? startS3() : startDynamoDB());
process.once('disconnect', () => process.exit(0));
process.send?.(engine.endpoint);
