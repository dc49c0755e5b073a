import { useTranslator } from '@shared/i18n.ts'
import { Field, Places } from '../field/parts.tsx'
import { text } from '../text.ts'
import type { CordonShape } from './containment.ts'

/** The cordon in numbers: what the mouse draws, and the way for whoever has none. */
export function CordonFields({ cordon, onChange }: { cordon: CordonShape; onChange: (cordon: CordonShape) => void }) {
  const t = useTranslator(text)
  const number = (key: 'latitude' | 'longitude' | 'radiusMetres', step: number) => (
    <Field label={t(key === 'latitude' ? 'cordon.latitude' : key === 'longitude' ? 'cordon.longitude' : 'cordon.radius')}>
      <input name={key} type="number" step={step} value={cordon[key] ?? ''} onChange={(e) => onChange({ ...cordon, [key]: e.target.value === '' ? null : Number(e.target.value) })} />
    </Field>
  )
  return (
    <>
      <div className="field-checks">
        <button type="button" data-shape="circle" aria-pressed={cordon.ring === null} onClick={() => onChange({ ...cordon, ring: null })}>
          {t('cordon.circle')}
        </button>
        <button type="button" data-shape="polygon" aria-pressed={cordon.ring !== null} onClick={() => onChange({ latitude: null, longitude: null, radiusMetres: cordon.radiusMetres, ring: cordon.ring ?? [] })}>
          {t('cordon.polygon')}
        </button>
      </div>
      {cordon.ring === null ? (
        <div className="field-row">
          {number('latitude', 0.0001)}
          {number('longitude', 0.0001)}
          {number('radiusMetres', 50)}
        </div>
      ) : (
        <Places name="corners" label={t('cordon.corners')} at={cordon.ring} onChange={(ring) => onChange({ ...cordon, ring })} />
      )}
    </>
  )
}
