import { classifyProbe, saysEncrypted, saysPictureTooLarge } from '../../core/adapters/ffprobe-errors'

/** Printed by ffprobe 5.1.9 with the guards, on files made for the purpose. */
const TOO_LARGE = `[mjpeg @ 0x5655325ca680] [IMGUTILS @ 0x7ffff54fc370] Picture size 16000x16000 exceeds specified max pixel count 35389440, see the documentation if you wish to increase it
[mov,mp4,m4a,3gp,3g2,mj2 @ 0x5655325c0ac0] Failed to open codec in avformat_find_stream_info
`
const DRM = '[asf @ 0x55b7aaf6e500] DRM protected stream detected, decoding will likely fail!\n'
const EXTENDED_DRM = '[asf @ 0x557e18ad0500] Ext DRM protected stream detected, decoding will likely fail!\n'

describe('classifyProbe', () => {
  it.each([
    [
      'SOURCE_TRUNCATED',
      '[mov,mp4,m4a,3gp,3g2,mj2 @ 0x56059c6241c0] moov atom not found\nmaster: Invalid data found when processing input\n',
    ],
    [
      'SOURCE_TRUNCATED',
      '[matroska,webm @ 0x5620fa3028c0] File ended prematurely at pos. 100 (0x64)\nTruncating packet of size 95 to 25\nmaster: Input/output error\n',
    ],
    [
      'SOURCE_TRUNCATED',
      "[wav @ 0x557978b978c0] premature end of file while reading INFO tag\n[wav @ 0x557978b978c0] no 'data' tag found\nmaster: Invalid data found when processing input\n",
    ],
    [
      'SOURCE_TRUNCATED',
      '[mov,mp4,m4a,3gp,3g2,mj2 @ 0x56039468f8c0] STSZ atom truncated\n[mov,mp4,m4a,3gp,3g2,mj2 @ 0x56039468f8c0] error reading header\nmaster: Invalid data found when processing input\n',
    ],
    ['SOURCE_TRUNCATED', 'master: Input/output error\n'],
    ['SOURCE_NO_STREAMS', 'master: End of file\n'],
    ['SOURCE_UNREADABLE', '[mxf @ 0x563337f3b8c0] no essence\nmaster: Invalid data found when processing input\n'],
    [
      'SOURCE_UNREADABLE',
      '[matroska,webm @ 0x5619417a6180] EBML header parsing failed\nmaster: Invalid data found when processing input\n',
    ],
    [
      'SOURCE_TOO_LARGE',
      '[mov,mp4,m4a,3gp,3g2,mj2 @ 0x56047488d240] Number of streams exceeds max_streams parameter (64), see the documentation if you wish to increase it\n[mov,mp4,m4a,3gp,3g2,mj2 @ 0x56047488d240] error reading header\nmaster: Cannot allocate memory\n',
    ],
    ['SOURCE_TOO_LARGE', `${TOO_LARGE}Could not open codec for input stream 0\n`],
    [
      'SOURCE_CODEC_UNSUPPORTED',
      "[mov,mp4,m4a,3gp,3g2,mj2 @ 0x5635b7ed64c0] Format not on whitelist 'matroska'\nmaster: Invalid argument\n",
    ],
    [
      'STORE_UNAVAILABLE',
      '[http @ 0x5561876a9240] HTTP error 503 Service Unavailable\nmaster: Server returned 5XX Server Error reply\n',
    ],
    ['STORE_UNAVAILABLE', '[tcp @ 0x5562c3b4d7c0] Connection to tcp://127.0.0.1:1 failed: Connection refused\n'],
    ['FFMPEG_LIMIT', 'master: Cannot allocate memory\n'],
  ])('%s', (code, stderr) => {
    expect(classifyProbe(stderr)).toEqual({ code, why: expect.stringMatching(/^[a-z].*[^.]$/) })
  })

  it('names the codec and the track that may not be opened', () => {
    const stderr = `[magicyuv @ 0x560f92686100] Codec (magicyuv) not on whitelist 'h264,aac'
[mov,mp4,m4a,3gp,3g2,mj2 @ 0x560f9267c440] Failed to open codec in avformat_find_stream_info
[magicyuv @ 0x560f92689140] Codec (magicyuv) not on whitelist 'h264,aac'
Could not open codec for input stream 3
`
    expect(classifyProbe(stderr)).toEqual({
      code: 'SOURCE_CODEC_UNSUPPORTED',
      why: "has the codec 'magicyuv' in track 3, which is not on the list of allowed decoders",
    })
  })

  it('blames the size and not the list when a cover that may not be read stands beside too large a picture', () => {
    const stderr = `[gif @ 0x1] Codec (gif) not on whitelist 'h264,aac'\n${TOO_LARGE}Could not open codec for input stream 0\n`
    expect(classifyProbe(stderr)).toMatchObject({ code: 'SOURCE_TOO_LARGE' })
  })

  it('says nothing of what it does not know', () => {
    expect(classifyProbe('master: Protocol not found\n')).toBeNull()
    expect(classifyProbe('')).toBeNull()
  })
})

it('sees what ffprobe only warns of', () => {
  expect([TOO_LARGE, DRM, EXTENDED_DRM, ''].map(saysPictureTooLarge)).toEqual([true, false, false, false])
  expect([TOO_LARGE, DRM, EXTENDED_DRM, ''].map(saysEncrypted)).toEqual([false, true, true, false])
})
