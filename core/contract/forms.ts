/** Forms of names that others have laid down, for settings, routes and requests alike. */

/** Source: Amazon S3 user guide, "General purpose bucket naming rules". */
const BUCKET = '[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]'

export const FORMS = {
  bucket: new RegExp(`^${BUCKET}$`),
  /** `bucket` or `bucket/prefix`. */
  place: new RegExp(`^${BUCKET}(/[^,?*]+)?$`),
  storeUrl: new RegExp(`^(file:///[^?#]*|s3://${BUCKET}(/[^?#\\s]*)?)$`),
  roleArn: /^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/,
  externalId: /^[\w+=,.@:/-]{2,1224}$/,
  kmsKey: /^[\w:/-]{1,2048}$/,
  httpUrl: /^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/,
} as const

/** What FORMS allow, in words, to be read after "must be". */
export const FORM_WORDS = {
  bucket: 'the name of a bucket',
  roleArn: 'the ARN of a role',
  externalId: '2 to 1224 letters, digits and +=,.@:/-',
  kmsKey: 'the id, ARN or alias of a KMS key',
} as const

/** Source: Amazon S3 user guide, "Categorizing your objects using tags". */
export const MAX_TAGS = 10
