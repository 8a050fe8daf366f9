import * as z from 'zod';

export const S3Options = z.strictObject({
  /** A general purpose bucket: directory buckets keep no versions and list in no order. */
  bucket: z
    .string()
    // Names that end so are reserved: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    .regex(
      /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?<!--x-s3|-s3alias|--ol-s3|\.mrap|--table-s3)$/,
      'expected the name of a general purpose bucket (a directory bucket or an access point is none)',
    ),
  /** Put before every key. */
  prefix: z.string().max(512).default(''),
  /** Account that the bucket belongs to: a bucket of that name in any other account is refused. */
  owner: z
    .string()
    .regex(/^\d{12}$/, 'expected an account id of 12 digits')
    .optional(),
});
export type S3Options = z.infer<typeof S3Options>;
