import * as z from 'zod';

export const DynamoOptions = z
  .strictObject({
    table: z.string().min(3).max(255),
    /**
     * Attribute that the application changes with every write, of type number, string or binary. With it, a record that
     * was rewritten since the decision is `changed`; without it, deletes are unconditional and sent 25 at a time.
     */
    versionAttribute: z.string().min(1).max(255).optional(),
    /** The attribute that says that an item is restricted. */
    restrict: z.strictObject({ attribute: z.string().min(1).max(255) }).optional(),
    /** Why a global table may be disposed of although a write in another region can bring a record back. */
    replicas: z
      .strictObject({
        accepted: z
          .string()
          .trim()
          .min(
            10,
            'say in a few words why the replicas are acceptable, such as "only eu-west-1 is written to"',
          )
          .max(500),
      })
      .optional(),
  })
  // A mark in its place would be another version, and the version another mark.
  .refine(
    ({ versionAttribute, restrict }) => restrict === undefined || restrict.attribute !== versionAttribute,
    {
      path: ['restrict'],
      error:
        'what says that a record is restricted cannot be what `versionAttribute` names; name another one',
    },
  );
export type DynamoOptions = z.infer<typeof DynamoOptions>;
