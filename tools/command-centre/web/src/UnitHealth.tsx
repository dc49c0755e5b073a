import type { UnitHealth } from '@shared/api.ts'
import { span } from '@shared/format.ts'
import { useTranslator, type Say } from '@shared/i18n.ts'
import { useNow } from '@shared/ticker.ts'
import { text } from './text.ts'

/** What of a car's box needs somebody; of a car that is looked at, also how it is. */
export function UnitHealthLines({ unitId, health, whole }: { unitId: string; health: UnitHealth; whole: boolean }) {
  const t = useTranslator(text)
  const now = useNow(5000)
  const troubles = [
    ...health.troubles.map((code) => t.code('trouble.', code)),
    ...(health.timeTrust === 'floor' || health.timeTrust === 'untrusted' ? [t('health.timeUntrusted')] : []),
    ...(health.ill.length > 0 ? [t('health.ill', { n: health.ill.length })] : []),
  ]
  return (
    <>
      {troubles.length > 0 && (
        <span className="unit-line unit-troubles" role="status" data-troubles={unitId}>
          {troubles.map((words) => (
            <span key={words}>{words}</span>
          ))}
        </span>
      )}
      {whole && (
        <span className="unit-line unit-health" data-health={unitId}>
          {facts(t, health).map((words) => (
            <span key={words}>{words}</span>
          ))}
          <span>{t('health.at', { age: span(t, now - health.receivedAtUnixMs) })}</span>
        </span>
      )}
    </>
  )
}

function facts(t: Say<typeof text>, health: UnitHealth): string[] {
  const { ignitionOn, onBattery, supplyVolts, batteryPercent, modem, hottestCelsius, visionPercent, diskWearPercent } = health
  return [
    ignitionOn === null ? '' : t(ignitionOn ? 'health.ignitionOn' : 'health.ignitionOff'),
    onBattery ? t('health.onBattery') : '',
    supplyVolts === null ? '' : t('health.volts', { n: supplyVolts.toFixed(1) }),
    batteryPercent === null ? '' : t('health.battery', { n: Math.round(batteryPercent) }),
    modem ? [modem.operator, modem.technology, modem.signalPercent === null ? '' : `${modem.signalPercent}%`].filter(Boolean).join(' ') : '',
    hottestCelsius === null ? '' : t('health.celsius', { n: Math.round(hottestCelsius) }),
    visionPercent === null || visionPercent >= 100 ? '' : t('health.vision', { n: visionPercent }),
    diskWearPercent === null ? '' : t('health.disk', { n: diskWearPercent }),
  ].filter(Boolean)
}
