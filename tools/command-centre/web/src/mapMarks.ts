import { Marker, type Map as GlMap } from 'maplibre-gl'

export interface Mark { id: string; at: [longitude: number, latitude: number]; words: string; kind: string }

/** Labelled pins of one sort over the map; drawn anew from each list. */
export class MapMarks {
  private readonly drawn = new Map<string, { marker: Marker; element: HTMLElement }>()

  constructor(
    private readonly map: GlMap,
    private readonly onChoose: (id: string) => void,
  ) {}

  show(marks: readonly Mark[]): void {
    const seen = new Set(marks.map((m) => m.id))
    for (const [id, { marker }] of this.drawn) {
      if (seen.has(id)) continue
      marker.remove()
      this.drawn.delete(id)
    }
    for (const mark of marks) {
      const { marker, element } = this.drawn.get(mark.id) ?? this.made(mark)
      marker.setLngLat(mark.at)
      element.textContent = mark.words
      element.className = `map-mark mark-${mark.kind} ${[...element.classList].filter((c) => c.startsWith('maplibregl')).join(' ')}`
    }
  }

  private made(mark: Mark): { marker: Marker; element: HTMLElement } {
    const element = document.createElement('button')
    element.type = 'button'
    element.dataset['mark'] = mark.id
    element.addEventListener('click', () => this.onChoose(mark.id))
    const made = { element, marker: new Marker({ element, anchor: 'bottom' }).setLngLat(mark.at).addTo(this.map) }
    this.drawn.set(mark.id, made)
    return made
  }
}
