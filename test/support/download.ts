import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'

/** Copies all objects below a prefix into a folder. @returns Their keys without the prefix. */
export async function download(client: S3Client, bucket: string, prefix: string, folder: string): Promise<string[]> {
  const keys: string[] = []
  let token: string | undefined
  do {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        ...(token !== undefined && { ContinuationToken: token }),
      }),
    )
    for (const { Key = '' } of page.Contents ?? []) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }))
      const file = join(folder, Key.slice(prefix.length))
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, (await Body?.transformToByteArray()) ?? new Uint8Array())
      keys.push(Key.slice(prefix.length))
    }
    token = page.NextContinuationToken
  } while (token !== undefined)
  return keys
}
