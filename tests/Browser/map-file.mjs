// A map on the car's own disk, as small as it can be: PMTiles of one tile with one road and a pond, and the same as GeoJSON.
import { zxyToTileId } from 'pmtiles'

const zoom = 10
const extent = 4096

const varint = (n) => {
  const bytes = []
  for (let rest = BigInt(n); ; rest >>= 7n) {
    const low = Number(rest & 0x7fn)
    if (rest < 0x80n) return Buffer.from([...bytes, low])
    bytes.push(low | 0x80)
  }
}
const field = (number, bytes) => Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes])
const number = (id, value) => Buffer.concat([varint(id << 3), varint(value)])
const packed = (numbers) => Buffer.concat(numbers.map(varint))
const zigzag = (n) => (n < 0 ? -n * 2 - 1 : n * 2)

/** Where a place lies in the tile that holds it. */
function inTile({ latitude, longitude }) {
  const across = ((longitude + 180) / 360) * 2 ** zoom
  const down = ((1 - Math.asinh(Math.tan((latitude * Math.PI) / 180)) / Math.PI) / 2) * 2 ** zoom
  return { x: Math.floor(across), y: Math.floor(down), at: [Math.round((across % 1) * extent), Math.round((down % 1) * extent)] }
}

// Geometry commands of the vector tile specification: MoveTo 1, LineTo 2, ClosePath 7.
function geometry([first, ...rest], closed) {
  const commands = [(1 << 3) | 1, zigzag(first[0]), zigzag(first[1]), (rest.length << 3) | 2]
  let from = first
  for (const to of rest) {
    commands.push(zigzag(to[0] - from[0]), zigzag(to[1] - from[1]))
    from = to
  }
  return closed ? [...commands, (1 << 3) | 7] : commands
}

function layer(name, type, points, tags) {
  const keys = Object.keys(tags).map((k) => field(3, Buffer.from(k)))
  const values = Object.values(tags).map((v) => field(4, field(1, Buffer.from(v))))
  const feature = Buffer.concat([field(2, packed(keys.flatMap((_, i) => [i, i]))), number(3, type), field(4, packed(geometry(points, type === 3)))])
  return field(3, Buffer.concat([field(1, Buffer.from(name)), field(2, feature), ...keys, ...values, number(5, extent), number(15, 2)]))
}

/** A PMTiles archive (version 3) around a place. */
export function pmtiles(place) {
  const { x, y, at } = inTile(place)
  const tile = Buffer.concat([
    layer('roads', 2, [[at[0] - 900, at[1] + 3], [at[0] + 900, at[1] + 3]], { kind: 'major_road', name: '望江路' }),
    layer('water', 3, [[at[0] + 20, at[1] + 30], [at[0] + 60, at[1] + 30], [at[0] + 60, at[1] + 60], [at[0] + 20, at[1] + 60]], { kind: 'lake' }),
  ])
  const metadata = Buffer.from(JSON.stringify({ vector_layers: [{ id: 'roads', fields: {} }, { id: 'water', fields: {} }], attribution: '<a href="https://example.org">© survey</a>' }))
  // One entry: its number, a run of one, its length, its offset plus one.
  const root = Buffer.concat([varint(1), varint(zxyToTileId(zoom, x, y)), varint(1), varint(tile.length), varint(1)])
  const head = Buffer.alloc(127)
  head.write('PMTiles', 0)
  head[7] = 3
  const starts = [127, 127 + root.length, 127 + root.length + metadata.length]
  const sizes = [starts[0], root.length, starts[1], metadata.length, starts[2], 0, starts[2], tile.length, 1, 1, 1]
  sizes.forEach((n, i) => head.writeBigUInt64LE(BigInt(n), 8 + 8 * i))
  head.set([1, 1, 1, 1, zoom, zoom], 96) // clustered, not compressed inside nor out, vector tiles
  const box = [-180, -85, 180, 85].map((d) => d * 10_000_000)
  box.forEach((n, i) => head.writeInt32LE(n, 102 + 4 * i))
  head[118] = zoom
  return Buffer.concat([head, root, metadata, tile])
}

export const geojson = ({ latitude, longitude }) =>
  Buffer.from(
    JSON.stringify({
      type: 'FeatureCollection',
      features: [{ type: 'Feature', properties: { name: '望江路' }, geometry: { type: 'LineString', coordinates: [[longitude - 0.05, latitude - 0.0004], [longitude + 0.05, latitude - 0.0004]] } }],
    }),
  )
