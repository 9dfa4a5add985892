/** One row of the table. `meaning` and `remedy` are sentences without a final period. */
export interface Failure {
  readonly retry: boolean
  readonly meaning: string
  readonly remedy: string
}

/** What can be wrong with a master: the rows of the table whose remedy lies with whoever delivered it. */
export const SOURCE_FAILURES = {
  SOURCE_NOT_FOUND: {
    retry: false,
    meaning: 'there is no file or object at the place given',
    remedy: 'check the path or key; an object may have been deleted after its event',
  },
  SOURCE_DENIED: {
    retry: false,
    meaning: 'the master exists but may not be read',
    remedy: 'give the process read permission on the file or object',
  },
  SOURCE_EMPTY: {
    retry: false,
    meaning: 'the master has no bytes',
    remedy: 'upload it again; the upload probably did not finish',
  },
  SOURCE_NOT_MEDIA: {
    retry: false,
    meaning: 'the bytes are of no container format that Gantry reads',
    remedy: 'deliver MP4, MOV, MKV, WebM, MPEG-TS, MPEG-PS, AVI, MXF, FLV, ASF, Ogg, WAV, MP3, FLAC or ADTS',
  },
  SOURCE_IS_PLAYLIST: {
    retry: false,
    meaning: 'the file is a playlist, manifest or edit list that points at media, not media',
    remedy: 'submit the media file itself; Gantry never opens what a playlist names',
  },
  SOURCE_IS_IMAGE: {
    retry: false,
    meaning: 'the file is a still picture',
    remedy: 'submit a video or an audio file',
  },
  SOURCE_ENCRYPTED: {
    retry: false,
    meaning: 'the media is encrypted',
    remedy: 'submit a master without DRM',
  },
  SOURCE_TRUNCATED: {
    retry: false,
    meaning: 'the file ends before its index, or less than half of what it declares can be decoded: it was cut off',
    remedy: 'upload the whole file again',
  },
  SOURCE_UNREADABLE: {
    retry: false,
    meaning: 'the container is known but its contents cannot be read, or most of them are damaged',
    remedy: 'play the file elsewhere to see whether it is damaged, then export it again',
  },
  SOURCE_NO_STREAMS: {
    retry: false,
    meaning: 'the container holds neither a picture nor a sound track',
    remedy: 'export the file again with a video or an audio track',
  },
  SOURCE_CODEC_UNSUPPORTED: {
    retry: false,
    meaning: 'no track has a codec on the list of decoders that Gantry allows',
    remedy: 'export with a codec that `docs/masters.md` lists, for example H.264 or ProRes',
  },
  SOURCE_TOO_LARGE: {
    retry: false,
    meaning: 'the picture, the file or the number of tracks is over the limit',
    remedy: 'deliver a smaller master, or raise the limit named in the message',
  },
  SOURCE_TOO_LONG: {
    retry: false,
    meaning: 'the master lasts longer than allowed, or its timeline is not believable',
    remedy: 'cut the master, or raise GANTRY_MAX_DURATION_SECONDS',
  },
  SOURCE_CHANGED: {
    retry: false,
    meaning: 'the master was replaced while it was being read',
    remedy: 'nothing: the new object is an asset of its own; submit it if no event does',
  },
  SOURCE_ARCHIVED: {
    retry: false,
    meaning: 'the master lies in an archive storage class and cannot be read now',
    remedy: 'restore the object; its restore event, or a new submission, encodes it',
  },
  SOURCE_SUPERSEDED: {
    retry: false,
    meaning: 'a newer object was put under the same key',
    remedy: 'nothing: the newer object is an asset of its own',
  },
} as const satisfies Record<string, Failure>
