/**
 * The commands of AWS's SDK that functions construct, by the file that does it, with the actions that IAM checks for
 * them. A test compares this table with the code: a command that is missing here fails it.
 */
export const SDK_COMMANDS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'shared/adapters/secrets/database-login.ts': {
    GetSecretValueCommand: ['secretsmanager:GetSecretValue'],
  },
  'shared/adapters/secrets/vendor-secrets.ts': {
    GetSecretValueCommand: ['secretsmanager:GetSecretValue'],
  },
  'shared/adapters/eventbridge-archive.ts': { DescribeArchiveCommand: ['events:DescribeArchive'] },
  'shared/adapters/eventbridge-bus.ts': { PutEventsCommand: ['events:PutEvents'] },
  'shared/adapters/kms-keys.ts': {
    DecryptCommand: ['kms:Decrypt'],
    GenerateDataKeyCommand: ['kms:GenerateDataKey'],
  },
  'shared/adapters/signing/kms-signer.ts': {
    GetPublicKeyCommand: ['kms:GetPublicKey'],
    SignCommand: ['kms:Sign'],
  },
  'shared/adapters/s3-exports.ts': {
    CompleteMultipartUploadCommand: ['s3:PutObject'],
    CreateMultipartUploadCommand: ['s3:PutObject'],
    // Without the list, S3 answers 403 for what is not there.
    GetObjectCommand: ['s3:GetObject', 's3:ListBucket'],
    HeadObjectCommand: ['s3:GetObject', 's3:ListBucket'],
    ListPartsCommand: ['s3:ListMultipartUploadParts'],
    PutObjectCommand: ['s3:PutObject'],
    UploadPartCommand: ['s3:PutObject'],
    UploadPartCopyCommand: ['s3:PutObject', 's3:GetObject', 's3:ListBucket'],
  },
  'shared/adapters/s3-log-bucket.ts': {
    // It names versions, and only where old entries are dropped.
    DeleteObjectsCommand: ['s3:DeleteObjectVersion'],
    // It names a version.
    GetObjectCommand: ['s3:GetObjectVersion'],
    ListObjectVersionsCommand: ['s3:ListBucketVersions'],
    PutObjectCommand: ['s3:PutObject'],
  },
  'shared/adapters/scheduler-timers.ts': {
    CreateScheduleCommand: ['scheduler:CreateSchedule', 'iam:PassRole'],
  },
  'shared/adapters/sqs-queues.ts': {
    ChangeMessageVisibilityCommand: ['sqs:ChangeMessageVisibility'],
    // A batch needs the same permission; no action of its own exists.
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
    SendMessageBatchCommand: ['sqs:SendMessage'],
    SendMessageCommand: ['sqs:SendMessage'],
  },
  'shared/stores/dynamodb/dynamodb-calls.ts': {
    BatchGetItemCommand: ['dynamodb:BatchGetItem'],
    BatchWriteItemCommand: ['dynamodb:BatchWriteItem'],
    DescribeTableCommand: ['dynamodb:DescribeTable'],
  },
  'shared/stores/dynamodb/dynamodb-clock-index.ts': { QueryCommand: ['dynamodb:Query'] },
  'shared/stores/dynamodb/dynamodb-conditional.ts': { DeleteItemCommand: ['dynamodb:DeleteItem'] },
  'shared/stores/dynamodb/dynamodb-listing.ts': { QueryCommand: ['dynamodb:Query'] },
  'shared/stores/dynamodb/dynamodb-recovery.ts': {
    DescribeContinuousBackupsCommand: ['dynamodb:DescribeContinuousBackups'],
  },
  'shared/stores/dynamodb/dynamodb-scan.ts': { ScanCommand: ['dynamodb:Scan'] },
  'shared/stores/dynamodb/dynamodb-store.ts': { UpdateItemCommand: ['dynamodb:UpdateItem'] },
  'shared/stores/dynamodb/dynamodb-survey.ts': {
    ListTablesCommand: ['dynamodb:ListTables'],
    ScanCommand: ['dynamodb:Scan'],
  },
  'shared/stores/s3/s3-answers.ts': {
    DeleteObjectsCommand: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
    GetObjectTaggingCommand: ['s3:GetObjectTagging', 's3:GetObjectVersionTagging'],
    ListObjectVersionsCommand: ['s3:ListBucketVersions'],
  },
  'shared/stores/s3/s3-collections.ts': { ListMultipartUploadsCommand: ['s3:ListBucketMultipartUploads'] },
  'shared/stores/s3/s3-copy.ts': {
    // The source; the bucket of exports has a grant of its own.
    CopyObjectCommand: ['s3:GetObject', 's3:GetObjectVersion'],
    HeadObjectCommand: ['s3:GetObject', 's3:GetObjectVersion'],
  },
  'shared/stores/s3/s3-delete-calls.ts': {
    AbortMultipartUploadCommand: ['s3:AbortMultipartUpload'],
    DeleteObjectCommand: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
    GetObjectLegalHoldCommand: ['s3:GetObjectLegalHold'],
    GetObjectRetentionCommand: ['s3:GetObjectRetention'],
  },
  'shared/stores/s3/s3-delete.ts': { GetBucketVersioningCommand: ['s3:GetBucketVersioning'] },
  'shared/stores/s3/s3-listing.ts': { ListMultipartUploadsCommand: ['s3:ListBucketMultipartUploads'] },
  'shared/stores/s3/s3-mask.ts': {
    GetObjectCommand: ['s3:GetObject', 's3:GetObjectVersion'],
  },
  'shared/stores/s3/s3-object-writer.ts': {
    AbortMultipartUploadCommand: ['s3:AbortMultipartUpload'],
    CompleteMultipartUploadCommand: ['s3:PutObject'],
    CreateMultipartUploadCommand: ['s3:PutObject', 's3:PutObjectTagging'],
    PutObjectCommand: ['s3:PutObject', 's3:PutObjectTagging'],
    UploadPartCommand: ['s3:PutObject'],
  },
  'shared/stores/s3/s3-survey.ts': {
    ListBucketsCommand: ['s3:ListAllMyBuckets'],
    ListObjectVersionsCommand: ['s3:ListBucketVersions'],
  },
  'shared/stores/s3/s3-range.ts': { ListMultipartUploadsCommand: ['s3:ListBucketMultipartUploads'] },
  'shared/stores/s3/s3-recovery.ts': {
    GetBucketReplicationCommand: ['s3:GetReplicationConfiguration'],
  },
  'shared/stores/s3/s3-restrict.ts': {
    // It names a version.
    PutObjectTaggingCommand: ['s3:PutObjectVersionTagging'],
  },
};

/** Every command that a text constructs: `new PutObjectCommand(`, `new at.sdk.PutObjectCommand(`. */
export function commandsIn(text: string): readonly string[] {
  const found = [...text.matchAll(/\bnew (?:\w+\.)*(\w+Command)\(/g)].map(([, name = '']) => name);
  return [...new Set(found)].toSorted();
}
