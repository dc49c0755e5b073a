import type { Say } from '../shared/i18n.ts'
import type { text } from '../text.ts'
import type { Box } from './box.ts'

/** What the status panel says of vehicle and box; what is not fitted says so. */
export function boxFacts(t: Say<typeof text>, box: Box): [name: string, value: string][] {
  const { power, modem, heat, disk } = box
  const supply = power && [
    power.onBattery === null ? '' : t(power.onBattery ? 'box.onBattery' : 'box.onVehicle'),
    power.supplyVolts === null ? '' : t('box.volts', { n: power.supplyVolts.toFixed(1) }),
    power.batteryPercent === null ? '' : t('box.percent', { n: Math.round(power.batteryPercent) }),
  ]
  const network = modem && [t.code('modem.', modem.condition), modem.operator, modem.technology, modem.signalPercent === null ? '' : t('box.percent', { n: modem.signalPercent }), modem.detail]
  const warmth = heat && [t('box.celsius', { n: Math.round(heat.celsius) }), heat.sensor, heat.share < 1 ? t('box.share', { n: Math.round(heat.share * 100) }) : '']
  const life = disk && [disk.fault, disk.isFailing ? t('box.failing') : '', disk.wearPercent === null ? '' : t('box.used', { n: disk.wearPercent }), disk.model]
  const facts: [string, string][] = [
    [t('box.ignition'), power?.ignitionOn === null || !power ? t('box.notFitted') : t(power.ignitionOn ? 'box.ignitionOn' : 'box.ignitionOff')],
    [t('box.supply'), words(supply) || t('box.notFitted')],
    [t('box.modem'), words(network) || t('box.notFitted')],
    [t('box.heat'), words(warmth) || t('box.notFitted')],
    [t('box.disk'), words(life) || t('box.notFitted')],
  ]
  if (power?.fault) facts.push([t('box.fault'), power.fault])
  return facts
}

const words = (parts: string[] | null): string => (parts ?? []).filter(Boolean).join(' · ')
