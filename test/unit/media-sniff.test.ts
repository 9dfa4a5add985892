import type { Container } from '../../core/contract/source'
import { HEAD_BYTES, sniff, sniffAfterTag, type SniffCode } from '../../media/sniff'
import { adtsFrame, box, bytesOf, id3, mp3Frame, noise, transportStream, zeros } from '../support/media-bytes'
import { cpuMs } from '../support/cpu-time'

/** The verdict on a whole small file, as one word. */
function verdict(file: Uint8Array, bytes = file.length): Container | SniffCode | 'tagged' {
  const found = sniff(file.subarray(0, HEAD_BYTES), bytes)
  return found.kind === 'media' ? found.container : found.kind === 'reject' ? found.code : 'tagged'
}

const playlist = '#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:6,\nhttp://169.254.169.254/latest/meta-data\n#EXT-X-ENDLIST\n'
const mxfKey = [0x06, 0x0e, 0x2b, 0x34, 0x02, 0x05, 0x01, 0x01, 0x0d, 0x01, 0x02, 0x01, 0x01, 0x02, 0x04, 0x00]
const asfGuid = [0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11, 0xa6, 0xd9, 0x00, 0xaa, 0x00, 0x62, 0xce, 0x6c]
const ftyp = (brand: string): Uint8Array => box('ftyp', bytesOf(brand, zeros(4), brand))
const ebml = (docType: string): Uint8Array =>
  bytesOf([0x1a, 0x45, 0xdf, 0xa3, 0x8c, 0x42, 0x82, 0x80 + docType.length], docType, zeros(20))

describe('sniff: containers', () => {
  it.each<[string, Container, Uint8Array]>([
    ['MP4', 'mp4', bytesOf(ftyp('isom'), box('moov', noise(40)))],
    ['QuickTime', 'mp4', ftyp('qt  ')],
    ['a media segment', 'mp4', bytesOf(box('styp', bytesOf('msdh', zeros(4))), box('moof', noise(40)))],
    ['old QuickTime with moov first', 'mp4', box('moov', noise(100))],
    ['old QuickTime with wide before mdat', 'mp4', bytesOf(box('wide', bytesOf()), box('mdat', noise(100)))],
    ['old QuickTime with a preview', 'mp4', bytesOf(box('pnot', noise(12)), box('mdat', noise(100)))],
    ['an mdat of 64-bit size', 'mp4', bytesOf([0, 0, 0, 1], 'mdat', [0, 0, 0, 0, 0, 1, 0, 0], noise(50))],
    ['an mdat to the end', 'mp4', bytesOf([0, 0, 0, 0], 'mdat', noise(50))],
    ['Matroska', 'matroska', ebml('matroska')],
    ['WebM', 'matroska', ebml('webm')],
    ['MPEG-TS', 'mpegts', transportStream(20, 188)],
    ['MPEG-TS of three packets', 'mpegts', transportStream(3, 188)],
    ['M2TS', 'mpegts', transportStream(20, 192, 4)],
    ['MPEG-TS with Reed-Solomon bytes', 'mpegts', transportStream(20, 204)],
    ['MPEG-TS after garbage', 'mpegts', bytesOf(noise(777, 9), transportStream(20, 188))],
    ['MPEG-PS', 'mpegps', bytesOf([0, 0, 1, 0xba, 0x44], noise(200))],
    ['MPEG-PS from a system header on', 'mpegps', bytesOf([0, 0, 1, 0xbb, 0, 12], noise(200))],
    ['AVI', 'avi', bytesOf('RIFF', [1, 2, 3, 4], 'AVI LIST', noise(50))],
    ['WAV', 'wav', bytesOf('RIFF', [1, 2, 3, 4], 'WAVEfmt ', noise(50))],
    ['RF64', 'wav', bytesOf('RF64', [255, 255, 255, 255], 'WAVEds64', noise(50))],
    ['BW64', 'wav', bytesOf('BW64', [255, 255, 255, 255], 'WAVEds64', noise(50))],
    ['MXF', 'mxf', bytesOf(mxfKey, noise(100))],
    ['MXF after a run-in', 'mxf', bytesOf(noise(60_000, 3), mxfKey, noise(100))],
    ['FLV', 'flv', bytesOf('FLV', [1, 5, 0, 0, 0, 9, 0, 0, 0, 0])],
    ['ASF', 'asf', bytesOf(asfGuid, noise(50))],
    ['Ogg', 'ogg', bytesOf('OggS', [0, 2], noise(50))],
    ['FLAC', 'flac', bytesOf('fLaC', [0, 0, 0, 34], noise(50))],
    ['FLAC behind an ID3 tag', 'flac', bytesOf(id3(noise(100)), 'fLaC', [0, 0, 0, 34], noise(50))],
    ['MP3', 'mp3', bytesOf(mp3Frame(), mp3Frame(), mp3Frame())],
    ['MP3 of one frame', 'mp3', mp3Frame()],
    ['MP3 behind an ID3 tag', 'mp3', bytesOf(id3(noise(300)), mp3Frame(), mp3Frame())],
    [
      'MP3 behind two tags and padding',
      'mp3',
      bytesOf(id3(noise(9)), id3(noise(9)), zeros(99), mp3Frame(), mp3Frame()),
    ],
    [
      'MP3 that begins in mid-frame',
      'mp3',
      bytesOf(
        noise(300).map((b) => b & 0x7f),
        ...Array.from({ length: 6 }, mp3Frame),
      ),
    ],
    ['ADTS', 'adts', bytesOf(adtsFrame(), adtsFrame(), adtsFrame())],
    ['ADTS behind an ID3 tag', 'adts', bytesOf(id3(noise(73)), adtsFrame(), adtsFrame())],
  ])('takes %s for %s', (_, container, file) => {
    expect(verdict(file)).toBe(container)
  })

  it('takes a valid MP4 with a playlist appended for an MP4', () => {
    expect(verdict(bytesOf(ftyp('mp42'), box('moov', noise(40)), playlist))).toBe('mp4')
  })

  it('takes a cut-off MP4 whose mdat runs far past the end for an MP4', () => {
    expect(verdict(bytesOf([0x7f, 0, 0, 0], 'mdat', noise(200)))).toBe('mp4')
  })
})

describe('sniff: playlists', () => {
  const mpd = '<?xml version="1.0"?>\n<!-- a > b -->\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011">'
  it.each<[string, string | Uint8Array]>([
    ['HLS', playlist],
    ['HLS behind a byte order mark', bytesOf([0xef, 0xbb, 0xbf], playlist)],
    ['HLS behind white space', ` \r\n\t\n${playlist}`],
    ['HLS in UTF-16', bytesOf([0xff, 0xfe], Buffer.from(playlist, 'utf16le'))],
    ['HLS behind comments', `# made by hand\n${playlist}`],
    ['HLS behind zero bytes', bytesOf(zeros(64), playlist)],
    ['HLS behind binary rubbish', bytesOf(noise(999, 4), playlist)],
    ['HLS behind an ID3 tag', bytesOf(id3(noise(40)), playlist)],
    ['HLS behind an ID3 tag and padding', bytesOf(id3(noise(40)), zeros(40), playlist)],
    ['HLS before MP3 frames', bytesOf(playlist, ...Array.from({ length: 8 }, mp3Frame))],
    ['HLS before transport packets', bytesOf(playlist, transportStream(20, 188))],
    ['DASH', mpd],
    ['DASH with a name space', '<d:MPD xmlns:d="urn:mpeg:dash:schema:mpd:2011">'],
    ['ffconcat', "ffconcat version 1.0\nfile 'a.mp4'\n"],
    ['a concat list without its first line', "file '/etc/passwd'\n"],
    ['SDP', 'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 10.0.0.1\r\nm=video 5004 RTP/AVP 96\r\n'],
    ['SMIL', '<smil><body><video src="http://x/"/></body></smil>'],
    ['Smooth Streaming', '<?xml version="1.0"?><SmoothStreamingMedia MajorVersion="2">'],
    ['an IMF composition', '<?xml version="1.0"?><CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3">'],
    ['ASX', '<ASX version="3.0"><ENTRY><REF HREF="http://x/y"/>'],
    ['PLS', '[playlist]\nFile1=http://x/\n'],
    ['a Windows Media reference', '[Reference]\r\nRef1=http://x/y\r\n'],
    ['a plain M3U', 'http://example.org/a.mp4\nhttp://example.org/b.mp4\n'],
  ])('refuses %s', (_, file) => {
    expect(verdict(bytesOf(file))).toBe('SOURCE_IS_PLAYLIST')
  })
})

describe('sniff: pictures', () => {
  const bmp = bytesOf('BM', [1, 2, 3, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0], noise(50))
  const icon = bytesOf([0, 0, 1, 0, 1, 0, 16, 16, 0, 0, 1, 0, 32, 0, 104, 4, 0, 0], noise(50))
  it.each<[string, Uint8Array]>([
    ['PNG', bytesOf([0x89], 'PNG\r\n', [0x1a], '\n', noise(20))],
    ['JPEG', bytesOf([0xff, 0xd8, 0xff, 0xe0], noise(20))],
    ['GIF', bytesOf('GIF89a', noise(20))],
    ['WebP', bytesOf('RIFF', [1, 2, 3, 4], 'WEBPVP8 ', noise(20))],
    ['BMP', bmp],
    ['TIFF', bytesOf('II*', [0], noise(20))],
    ['TIFF, big endian', bytesOf('MM', [0], '*', noise(20))],
    ['AVIF', ftyp('avif')],
    ['HEIC', ftyp('heic')],
    ['HEIF', ftyp('mif1')],
    ['SVG', bytesOf('<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "a" "b">\n<svg xmlns="http://www.w3.org/2000/svg">')],
    ['Photoshop', bytesOf('8BPS', [0, 1], noise(20))],
    ['JPEG XL', bytesOf([0xff, 0x0a], noise(20))],
    ['JPEG XL in boxes', bytesOf([0, 0, 0, 12], 'JXL ', [0x0d, 0x0a, 0x87, 0x0a], ftyp('jxl '))],
    ['an icon', icon],
  ])('refuses %s', (_, file) => {
    expect(verdict(file)).toBe('SOURCE_IS_IMAGE')
  })
})

describe('sniff: everything else', () => {
  it('tells an empty file', () => {
    expect(sniff(new Uint8Array(), 0)).toEqual({ kind: 'reject', code: 'SOURCE_EMPTY', what: expect.any(String) })
  })

  it.each<[string, Uint8Array, string]>([
    ['a ZIP archive', bytesOf('PK', [3, 4], noise(50), mp3Frame(), mp3Frame()), 'a ZIP archive'],
    ['a PDF', bytesOf('%PDF-1.7\n', [0xe2, 0xe3, 0, 1], noise(50)), 'a PDF document'],
    ['an HTML page', bytesOf('\n<!DOCTYPE html><html><body>404'), 'an HTML page'],
    ['an error from a store', bytesOf('<?xml version="1.0"?><Error><Code>AccessDenied</Code>'), 'an XML document'],
    ['JSON', bytesOf('{"error": "gone"}'), 'a JSON or similar text file'],
    ['prose that begins like a box', bytesOf('The free world, in words.'), 'a text file'],
    ['prose that begins with G', bytesOf('G'.repeat(1_000)), 'a text file'],
    ['subtitles', bytesOf('1\r\n00:00:01,000 --> 00:00:02,000\r\nhello'), 'a SubRip subtitle file'],
    ['noise', noise(65_536, 7), 'data of no format that Gantry knows'],
    ['one byte', bytesOf([0x01]), 'data of no format that Gantry knows'],
    ['zeros', bytesOf(zeros(5_000)), 'a file that begins with zero bytes only: its upload did not finish'],
    ['0x47 throughout', bytesOf([0], new Array<number>(4_000).fill(0x47)), 'data of no format that Gantry knows'],
    ['a raw H.264 stream', bytesOf([0, 0, 0, 1, 0x67], noise(100)), 'a raw H.264 or H.265 stream without a container'],
    ['EBML that is no Matroska', ebml('opaque'), 'data of no format that Gantry knows'],
    [
      'an ID3 tag before noise',
      bytesOf(
        id3(noise(50)),
        noise(9_000, 5).map((byte) => byte & 0x7f),
      ),
      'an ID3 tag',
    ],
    ['an ID3 tag before nothing', id3(noise(50)), 'an ID3 tag without sound'],
  ])('refuses %s', (_, file, what) => {
    expect(sniff(file, file.length)).toEqual({
      kind: 'reject',
      code: 'SOURCE_NOT_MEDIA',
      what: expect.stringContaining(what),
    })
  })

  it('takes no noise for media, whatever the noise', () => {
    const found = Array.from({ length: 200 }, (_, seed) => verdict(noise(8_192, seed + 100)))
    expect(found.filter((word) => word !== 'SOURCE_NOT_MEDIA')).toEqual([])
  })

  it.each([
    ['comments', '# a\n'.repeat(2_000)],
    ['white space', '# \n\n \n'.repeat(1_500)],
    ['comments of XML', '<!-- -->'.repeat(1_000)],
    ['names of XML', `<${'a:'.repeat(4_000)}`],
    ['letters', 'a'.repeat(8_000)],
  ])('takes no longer than it must over 8 KB of %s', (_, file) => {
    const startedMs = cpuMs()
    expect(verdict(bytesOf(file))).toBe('SOURCE_NOT_MEDIA')
    expect(cpuMs() - startedMs).toBeLessThan(500)
  })

  it('never throws on any prefix of any file', () => {
    const file = bytesOf(id3(noise(20)), mp3Frame(), ftyp('isom'), transportStream(2, 188))
    for (let length = 0; length <= file.length; length += 1) {
      expect(() => sniff(file.subarray(0, length), 1_000_000)).not.toThrow()
    }
  })
})

describe('sniff: long ID3 tags', () => {
  const cover = 300_000
  const head = id3(noise(HEAD_BYTES - 10), cover)
  const whole = cover + 10 + 50_000

  it('asks for the bytes behind a tag that fills the head', () => {
    expect(sniff(head, whole)).toEqual({ kind: 'tagged', atByte: cover + 10 })
  })

  it('decides by what follows the tag', () => {
    const frames = bytesOf(...Array.from({ length: 30 }, mp3Frame))
    expect(sniffAfterTag(frames, whole, cover + 10)).toEqual({ kind: 'media', container: 'mp3' })
    const list = bytesOf(playlist, zeros(9_000))
    expect(sniffAfterTag(list, whole, cover + 10)).toMatchObject({ kind: 'reject', code: 'SOURCE_IS_PLAYLIST' })
  })

  it('refuses a tag that says it is longer than the file', () => {
    expect(sniff(head, cover)).toMatchObject({ kind: 'reject', code: 'SOURCE_NOT_MEDIA' })
  })

  it('does not believe a tag whose size is not syncsafe', () => {
    const file = bytesOf('ID3', [3, 0, 0, 0xff, 0xff, 0xff, 0xff], noise(50))
    expect(verdict(file)).toBe('SOURCE_NOT_MEDIA')
  })
})

it('does not take ADTS for MP3 or MP3 for ADTS when only one frame of the other is there', () => {
  expect(verdict(bytesOf(adtsFrame(), ...Array.from({ length: 6 }, mp3Frame)))).toBe('mp3')
  expect(verdict(bytesOf(mp3Frame(), ...Array.from({ length: 6 }, adtsFrame)))).toBe('adts')
})
