import { useState } from 'react'
import { dateTime } from '@shared/format.ts'
import { request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Failed, Table, useAsk, useLoaded, type Field, type T } from './parts.tsx'
import { AcceptanceCard } from './AcceptanceCard.tsx'
import { text } from './text.ts'

export interface AdminUnit {
  unitId: string
  label: string
  district: string
  policeType: string
  softwareVersion: string
  online: boolean
  enrolledAt: number | null
  lastSeenAt: number | null
  revokedAt: number | null
  revokeReason: string | null
  certificateEndsAt: number | null
  settings: string
  settingsVersion: number
  settingsOutcome: string
  acceptance: 'accepted' | 'not_accepted' | null
  acceptanceMadeAt: number | null
  technician: string | null
  decommission: string
}
interface Code { code: string; unitId: string; endsAtUnixMs: number }

const policeTypes = ['public_order', 'traffic']

export function UnitsTab() {
  const t = useTranslator(text)
  const { data, failure, reload } = useLoaded<AdminUnit[]>('/api/admin/units')
  const [code, setCode] = useState<Code | null>(null)
  const [shown, setShown] = useState('')
  const [dialog, ask] = useAsk()
  const enrol = (unit?: AdminUnit) =>
    ask({
      title: t('aunit.add'),
      act: t('aunit.add'),
      fields: [...(unit ? [] : [{ name: 'unitId', label: t('aunit.id') }]), ...placing(t, unit), { name: 'validHours', label: t('aunit.hours'), type: 'number', value: '24' }],
      submit: async (v) => {
        setCode(await request<Code>('POST', '/api/admin/units', { ...v, unitId: unit?.unitId ?? v['unitId'], validHours: Number(v['validHours']) }))
        reload()
      },
    })
  return (
    <>
      <div className="admin-head">
        <h2>{t('admin.units')}</h2>
        <span className="grow" />
        <button type="button" className="primary" data-action="add-unit" onClick={() => enrol()}>
          {t('aunit.add')}
        </button>
      </div>
      {code && (
        <div className="admin-code" role="status" data-code={code.unitId}>
          <h3>{t('aunit.code', { unit: code.unitId })}</h3>
          <code>{code.code}</code>
          <p>{t('aunit.codeHint', { time: dateTime(code.endsAtUnixMs, t.lang) })}</p>
          <div className="admin-acts">
            <button type="button" data-action="code-noted" onClick={() => setCode(null)}>
              {t('aunit.codeClose')}
            </button>
          </div>
        </div>
      )}
      {failure && <Failed why={failure} again={reload} />}
      {shown ? (
        <AcceptanceCard key={shown} unitId={shown} close={() => setShown('')} />
      ) : data === null ? (
        !failure && <p className="empty">{t('admin.loading')}</p>
      ) : data.length === 0 ? (
        <p className="empty">{t('aunit.none')}</p>
      ) : (
        <Table head={[t('aunit.id'), t('admin.district'), t('aunit.police'), t('aunit.state'), t('aunit.software'), t('aunit.seen'), t('aunit.certificate'), t('aunit.acceptance'), t('aunit.settings'), t('admin.acts')]}>
          {data.map((unit) => (
            <tr key={unit.unitId} data-unit-row={unit.unitId}>
              <th scope="row">
                <span data-own-words>{unit.label}</span>
                <small>{unit.unitId}</small>
              </th>
              <td>{unit.district || t('admin.city')}</td>
              <td>{t.code('police.', unit.policeType)}</td>
              <td className={unit.revokedAt ? 'is-bad' : ''}>
                {t.code('unitState.', stateOf(unit))}
                {unit.revokeReason && <small data-own-words> {unit.revokeReason}</small>}
                {unit.decommission && !unit.revokedAt && <small data-decommission={unit.decommission}> {t.code('decommission.', unit.decommission)}</small>}
              </td>
              <td>{unit.softwareVersion || '—'}</td>
              <td>{unit.lastSeenAt ? dateTime(unit.lastSeenAt, t.lang) : t('admin.never')}</td>
              <td>{unit.certificateEndsAt ? new Date(unit.certificateEndsAt).toISOString().slice(0, 10) : '—'}</td>
              <td>
                {unit.acceptance === null ? (
                  '—'
                ) : (
                  <button type="button" className={unit.acceptance === 'accepted' ? '' : 'danger'} data-action="show-acceptance" onClick={() => setShown(unit.unitId)}>
                    {t.code('acceptance.', unit.acceptance)} {new Date(unit.acceptanceMadeAt ?? 0).toISOString().slice(0, 10)}
                  </button>
                )}
              </td>
              <td>{unit.settingsVersion > 0 ? t('aunit.settingsState', { n: unit.settingsVersion, state: t.code('outcome.', unit.settingsOutcome) }) : '—'}</td>
              <td>{!unit.revokedAt && <UnitActs unit={unit} ask={ask} enrol={enrol} reload={reload} />}</td>
            </tr>
          ))}
        </Table>
      )}
      {dialog}
    </>
  )
}

function UnitActs({ unit, ask, enrol, reload }: { unit: AdminUnit; ask: ReturnType<typeof useAsk>[1]; enrol: (unit: AdminUnit) => void; reload: () => void }) {
  const t = useTranslator(text)
  const path = `/api/admin/units/${encodeURIComponent(unit.unitId)}`
  const post = async (act: string, body: unknown) => {
    await request('POST', `${path}/${act}`, body)
    reload()
  }
  const settings = parsed(unit.settings)
  const { AlertLapseSeconds, ...others } = settings
  /** What cannot be undone: with a reason, and the unit's id typed. */
  const grave = (act: 'revoke' | 'decommission', label: string, title: string, hint?: string) => (
    <button
      type="button"
      className="danger"
      data-action={`${act}-unit`}
      onClick={() =>
        ask({
          title,
          ...(hint ? { hint } : {}),
          act: label,
          danger: true,
          fields: [
            { name: 'reason', label: t('admin.reason') },
            { name: 'typed', label: t('admin.typed', { what: unit.unitId }) },
          ],
          submit: (v) => post(act, v),
        })
      }
    >
      {label}
    </button>
  )
  return (
    <div className="admin-acts">
      <button type="button" data-action="place-unit" onClick={() => ask({ title: `${t('admin.edit')} ${unit.unitId}`, act: t('admin.save'), fields: placing(t, unit), submit: (v) => post('place', v) })}>
        {t('admin.edit')}
      </button>
      <button
        type="button"
        data-action="set-up-unit"
        onClick={() =>
          ask({
            title: t('aunit.settingsOf', { unit: unit.unitId }),
            act: t('admin.save'),
            fields: [
              { name: 'lapse', label: t('aunit.lapse'), type: 'number', value: String(AlertLapseSeconds ?? 120) },
              { name: 'others', label: t('aunit.more'), type: 'area', value: JSON.stringify(others, null, 2) },
            ],
            submit: (v) => post('settings', { settings: JSON.stringify({ AlertLapseSeconds: Number(v['lapse']), ...parsed(v['others'] ?? '', true) }) }),
          })
        }
      >
        {t('aunit.settings')}
      </button>
      <button type="button" data-action="new-code" onClick={() => enrol(unit)}>
        {t('aunit.again')}
      </button>
      {grave('revoke', t('admin.revoke'), t('aunit.revokeOf', { unit: unit.unitId }))}
      {unit.enrolledAt && !unit.decommission && grave('decommission', t('aunit.decommission'), t('aunit.decommissionOf', { unit: unit.unitId }), t('aunit.decommissionHint'))}
    </div>
  )
}

function placing(t: T, unit?: AdminUnit): Field[] {
  return [
    { name: 'label', label: t('aunit.label'), value: unit?.label ?? '' },
    { name: 'district', label: t('admin.districtHint'), value: unit?.district ?? '' },
    { name: 'policeType', label: t('aunit.police'), options: policeTypes.map((p) => [p, t.code('police.', p)] as const), value: unit?.policeType ?? 'public_order' },
  ]
}

const stateOf = (unit: AdminUnit) => (unit.revokedAt ? 'revoked' : unit.online ? 'online' : unit.enrolledAt ? 'offline' : 'waiting')

/** What was not typed as JSON goes to the centre as it is, which says what is wrong with it. */
function parsed(json: string, strict = false): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json || '{}')
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
  } catch {
    return strict ? { [json.slice(0, 40)]: null } : {}
  }
}
