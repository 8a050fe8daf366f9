/**
 * Changes of policies that no case can notice, with the reason. Everything else that is unnoticed fails the run, and so
 * does an excuse that excuses nothing any more.
 */
export const EXCUSES: readonly { readonly change: RegExp; readonly reason: string }[] = [
  {
    change: /event-bus\/.*with events:\*$/,
    reason: 'only PutEvents has a source, so a statement with that condition is about nothing else',
  },
  {
    change: /-(producer-[^:]+|operator|auditor): statement 0 for everyone$/,
    reason: 'the condition of the statement names the principals, whatever account they are of',
  },
  { change: /with iam:\*$/, reason: 'only PassRole has the key of its condition' },
  { change: /with rds-db:\*$/, reason: 'rds-db has one action' },
  {
    change: /:sns:.*SSLOnly with sns:\*$/,
    reason: 'to deny more than publishing without TLS would be stricter',
  },
  {
    change: /:key\/.*(Alarms|Logs) without kms:DescribeKey$/,
    reason: 'AWS documents the statement so; no call of the service is known that needs it',
  },
  {
    change: /:key\/.*Services without kms:DescribeKey$/,
    reason: 'AWS documents the statement so; the one of the archive allows EventBridge the same',
  },
  {
    change: /SealRole.* without kms:GenerateDataKey$/,
    reason:
      'one grant is for sending and receiving; a role that may not send has nothing that SQS would encrypt for it',
  },
];
