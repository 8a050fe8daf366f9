import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { pinned } from '../pinned.ts';

/**
 * What the account's administrators may do, and may grant by IAM policies. To sign is not among it, nor is a grant, with
 * which somebody else could sign: for that, an administrator would have to replace the key's policy.
 */
const ADMINISTRATION = [
  'CancelKeyDeletion CreateAlias DeleteAlias DescribeKey DisableKey EnableKey GetKeyPolicy GetPublicKey ListGrants',
  'ListKeyPolicies ListResourceTags PutKeyPolicy RevokeGrant ScheduleKeyDeletion TagResource UntagResource UpdateAlias',
  'UpdateKeyDescription Verify',
].flatMap((line) => line.split(' ').map((verb) => `kms:${verb}`));

/** Ed25519 as RFC 8032 has it. */
const AS_SEALED = {
  StringEquals: { 'kms:MessageType': 'RAW', 'kms:SigningAlgorithm': 'ED25519_SHA_512' },
};

/** The key that signs the checkpoints of the deletion log. Its private half never leaves KMS, and only `seal` may sign. */
export class SigningKey extends Construct {
  readonly keyArn: string;

  constructor(
    scope: Construct,
    id: string,
    {
      signer,
      number = 1,
    }: {
      readonly signer: iam.Role;
      /** The first key of the log is 1. */
      readonly number?: number;
    },
  ) {
    super(scope, id);
    const key = pinned(
      new kms.Key(this, 'Key', {
        description: 'Signs the checkpoints of the deletion log of Tenure',
        keySpec: kms.KeySpec.ECC_NIST_EDWARDS25519,
        keyUsage: kms.KeyUsage.SIGN_VERIFY,
        pendingWindow: Duration.days(30),
        policy: new iam.PolicyDocument({
          statements: [
            // In a key policy, `*` means the key itself.
            new iam.PolicyStatement({
              sid: 'Administration',
              principals: [new iam.AccountRootPrincipal()],
              actions: ADMINISTRATION,
              resources: ['*'],
            }),
            new iam.PolicyStatement({
              sid: 'Sealing',
              principals: [signer],
              actions: ['kms:Sign'],
              resources: ['*'],
              conditions: AS_SEALED,
            }),
          ],
        }),
      }),
      number === 1 ? 'SigningKey' : `SigningKey${number}`,
    );
    this.keyArn = key.keyArn;
  }

  /** Who may sign is in the policy of the key itself. */
  grantReadPublicKey(grantee: iam.IGrantable): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new iam.PolicyStatement({ actions: ['kms:GetPublicKey'], resources: [this.keyArn] }),
    );
  }
}
