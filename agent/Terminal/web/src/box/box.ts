import { request } from '../shared/http.ts'
import type { TerminalState } from '../shared/api.ts'

/** As state.areas.box has it: null where nothing is fitted that could tell. */
export interface Box {
  /** Codes, worst first. */
  troubles: string[]
  power: { ignitionOn: boolean | null; onBattery: boolean | null; supplyVolts: number | null; batteryVolts: number | null; batteryPercent: number | null; fault: string } | null
  /** While the box is about to switch itself off. */
  off: { leftMs: number; reason: 'ignition_off' | 'low_voltage'; mayPostpone: boolean } | null
  modem: { condition: string; signalPercent: number | null; technology: string; operator: string; detail: string } | null
  heat: { celsius: number; sensor: string; share: number } | null
  disk: { model: string; isFailing: boolean; wearPercent: number | null; celsius: number | null; fault: string } | null
}

export const boxOf = (state: TerminalState | null): Box | null => (state?.areas?.['box'] as Box | null | undefined) ?? null

export const postpone = (): Promise<unknown> => request('POST', '/api/power/postpone', {})
