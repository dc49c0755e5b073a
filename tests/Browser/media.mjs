// Pictures and a little fragmented MP4, made by ffmpeg on the spot.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

export const ffmpegIsInstalled = () => existsSync('/usr/bin/ffmpeg')

const run = (args) => execFileSync('/usr/bin/ffmpeg', ['-v', 'error', '-nostdin', ...args], { maxBuffer: 64 * 1024 * 1024 })

const scenes = ['testsrc2', 'smptebars', 'mandelbrot', 'rgbtestsrc', 'testsrc', 'yuvtestsrc', 'pal75bars', 'smptehdbars']

/** `count` JPEGs of 480×270, unlike each other. */
export function previewJpegs(count) {
  return Array.from({ length: count }, (_, i) =>
    run(['-f', 'lavfi', '-i', `${scenes[i % scenes.length]}=size=480x270:rate=1`, '-frames:v', '1', '-vf', 'eq=brightness=-0.25:saturation=0.6', '-q:v', '5', '-f', 'mjpeg', 'pipe:1']),
  )
}

/** {mime, width, height, init, fragments: [{key, data}]}: H.264, one fragment a frame, `fps` frames a second. */
export function fragmentedClip(seconds, fps = 12) {
  const mp4 = run([
    ...['-f', 'lavfi', '-i', `testsrc2=size=640x360:rate=${fps}`, '-t', String(seconds)],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-profile:v', 'baseline', '-pix_fmt', 'yuv420p', '-g', String(fps), '-b:v', '300k'],
    ...['-movflags', 'frag_every_frame+empty_moov+default_base_moof', '-f', 'mp4', 'pipe:1'],
  ])
  const boxes = []
  for (let at = 0; at < mp4.length; ) {
    const size = mp4.readUInt32BE(at)
    boxes.push({ type: mp4.toString('latin1', at + 4, at + 8), data: mp4.subarray(at, at + size) })
    at += size
  }
  const init = Buffer.concat(boxes.filter((b) => b.type === 'ftyp' || b.type === 'moov').map((b) => b.data))
  const fragments = boxes.flatMap((b, i) => (b.type === 'moof' ? [Buffer.concat([b.data, boxes[i + 1].data])] : []))
  const avcc = init.indexOf('avcC')
  const codec = `avc1.${init.subarray(avcc + 5, avcc + 8).toString('hex')}`
  return { mime: `video/mp4; codecs="${codec}"`, width: 640, height: 360, init, fragments: fragments.map((data, i) => ({ key: i % fps === 0, data })), fps }
}

/** Sends `clip` in its own time until it or the socket ends: the terminal's and the console's binary format. */
export function stream(socket, clip) {
  socket.send(JSON.stringify({ mime: clip.mime, width: clip.width, height: clip.height }))
  socket.send(framed(0, clip.init))
  let at = 0
  const timer = setInterval(() => {
    const fragment = clip.fragments[at++]
    if (!fragment || !socket.open) clearInterval(timer)
    else socket.send(framed(fragment.key ? 1 : 2, fragment.data))
  }, 1000 / clip.fps)
  return () => clearInterval(timer)
}

/** A byte of kind or index, the capture time, the data. */
export function framed(first, data, capturedUnixMs = Date.now()) {
  const head = Buffer.alloc(9)
  head[0] = first
  head.writeBigInt64LE(BigInt(Math.round(capturedUnixMs)), 1)
  return Buffer.concat([head, data])
}

const svg = (width, height, inner) => Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${inner}</svg>`)

/** A drawn plate: no photograph of anyone's. */
export const platePicture = (text) =>
  svg(
    640,
    300,
    `<rect width="640" height="300" fill="#2a2f33"/><g transform="translate(40 60) skewY(-2)"><rect width="560" height="180" rx="14" fill="#1747a6" stroke="#dfe6f2" stroke-width="6"/>` +
      `<text x="280" y="128" font-family="Noto Sans CJK SC" font-weight="700" font-size="104" letter-spacing="4" fill="#e8ecf4" text-anchor="middle">${text}</text></g>`,
  )

/** A drawn head and shoulders. */
export const personPicture = (shade) =>
  svg(240, 300, `<rect width="240" height="300" fill="${shade}"/><circle cx="120" cy="115" r="62" fill="#8d7a6a"/><path d="M20 300c8-86 52-110 100-110s92 24 100 110z" fill="#4c5a63"/>`)
