import { useState } from 'react'
import { LiveScreen } from './LiveScreen.tsx'
import { Mosaic } from './Mosaic.tsx'
import type { Previews } from './previews.ts'

/** All cameras, or one of them large. */
export function Cameras({ previews }: { previews: Previews }) {
  const [live, setLive] = useState<string | null>(null)
  return live ? <LiveScreen cameraId={live} onClose={() => setLive(null)} /> : <Mosaic previews={previews} onOpen={setLive} />
}
