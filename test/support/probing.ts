/** A probe over a folder of files, with the real ffprobe, gateway and store. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createProbe, DEFAULT_PROBE_LIMITS, type ProbeLimits } from '../../core/adapters/ffprobe'
import { createFileStore } from '../../core/adapters/file-store'
import { createGateway } from '../../core/adapters/gateway'
import { createLauncher } from '../../core/adapters/launcher'
import type { SourceFacts } from '../../core/contract/source'
import type { MediaGateway } from '../../core/ports/media-gateway'
import type { ObjectStore } from '../../core/ports/object-store'

export interface Probing {
  store: ObjectStore
  gateway: MediaGateway
  scratch: string
  probe(file: string, limits?: Partial<ProbeLimits>, signal?: AbortSignal): Promise<SourceFacts>
  close(): Promise<void>
}

export async function openProbing(folder: string, wrap = (store: ObjectStore): ObjectStore => store): Promise<Probing> {
  const scratch = await mkdtemp(join(tmpdir(), 'gantry-probe-'))
  const gateway = await createGateway({ firstDelayMs: 1, maxDelayMs: 5 })
  const store = wrap(createFileStore({ buckets: { masters: { folder, scratch } } }))
  const launcher = createLauncher({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' })
  return {
    store,
    gateway,
    scratch,
    probe: async (file, limits = {}, signal = new AbortController().signal) => {
      const at = { bucket: 'masters', key: file }
      const stat = await store.head(at)
      const source = { ...at, etag: stat?.etag ?? 'none', bytes: stat?.bytes ?? 1 }
      const all = { ...DEFAULT_PROBE_LIMITS, ...limits }
      return createProbe({ store, gateway, launcher, limits: all, scratchFolder: scratch }).probe(source, signal)
    },
    close: async () => {
      await gateway.close()
      await rm(scratch, { recursive: true })
    },
  }
}
