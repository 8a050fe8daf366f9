import * as z from 'zod';

/** `json-lines`: objects one after the other, with or without line breaks between them. */
export const S3_FORMATS = ['json', 'json-lines', 'csv'] as const;
export type S3Format = (typeof S3_FORMATS)[number];

export const S3Options = z.strictObject({
  /** A general purpose bucket: directory buckets have no versions and no order of keys. */
  bucket: z
    .string()
    // Names with these endings are reserved:
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    .regex(
      /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?<!--x-s3|-s3alias|--ol-s3|\.mrap|--table-s3)$/,
      'expected the name of a general purpose bucket (directory buckets and access points are not supported)',
    ),
  /** Prefix of every key. */
  prefix: z.string().max(512).default(''),
  /** The account that owns the bucket: a bucket with this name in another account is refused. */
  owner: z
    .string()
    .regex(/^\d{12}$/, 'expected an account id of 12 digits')
    .optional(),
  /** The tag that says, with the value `true`, that a version of an object is restricted. */
  restrict: z
    .strictObject({
      tag: z
        .string()
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
        .regex(
          /^(?!aws:)[A-Za-z0-9+\-=._:/@]{1,128}$/,
          'expected the key of a tag: at most 128 letters, digits and + - = . _ : / @, not beginning with aws:',
        ),
    })
    .optional(),
  /** What the objects contain, whatever their content type says. Only masks need it. */
  format: z
    .enum(S3_FORMATS, {
      error:
        'expected json, json-lines or csv; objects in other formats, such as Parquet, Avro or ORC, cannot be masked, but they can be deleted: then leave `format` out',
    })
    .optional(),
  /** How all objects are compressed that do not say it themselves. Only masks need it. */
  compression: z.literal('gzip', { error: 'expected gzip; no other compression can be masked' }).optional(),
});
export type S3Options = z.infer<typeof S3Options>;
