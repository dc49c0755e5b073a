import { useState } from 'react'
import { request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Failed, Table, useAsk, useLoaded, type Field, type T } from './parts.tsx'
import { OfficerFace } from './OfficerFace.tsx'
import { text } from './text.ts'

interface Roster { unitId: string; label: string; district: string; officers: number; version: number; outcome: string }
interface Officer { officerId: string; displayName: string; role: string; policeType: string; faces?: number; faceConsentAtUnixMs?: number | null }

export function OfficersTab() {
  const t = useTranslator(text)
  const rosters = useLoaded<Roster[]>('/api/admin/rosters')
  const [unitId, setUnitId] = useState('')
  return (
    <>
      <h2>{t('admin.officers')}</h2>
      {rosters.failure && <Failed why={rosters.failure} again={rosters.reload} />}
      {rosters.data === null ? (
        !rosters.failure && <p className="empty">{t('admin.loading')}</p>
      ) : rosters.data.length === 0 ? (
        <p className="empty">{t('officer.noUnits')}</p>
      ) : (
        <div className="admin-split">
          <Table head={[t('admin.units'), t('admin.district'), t('officer.count'), t('officer.roster')]}>
            {rosters.data.map((r) => (
              <tr key={r.unitId} data-roster={r.unitId}>
                <th scope="row">
                  <button type="button" className="admin-row" aria-pressed={r.unitId === unitId} onClick={() => setUnitId(r.unitId)}>
                    <span data-own-words>{`${r.label} (${r.unitId})`}</span>
                  </button>
                </th>
                <td>{r.district || t('admin.city')}</td>
                <td>{r.officers}</td>
                <td>{r.version > 0 ? t('officer.rosterState', { n: r.version, state: t.code('outcome.', r.outcome) }) : t('officer.noRoster')}</td>
              </tr>
            ))}
          </Table>
          {unitId ? <RosterOf key={unitId} unitId={unitId} changed={rosters.reload} /> : <p className="empty">{t('officer.choose')}</p>}
        </div>
      )}
    </>
  )
}

function RosterOf({ unitId, changed }: { unitId: string; changed: () => void }) {
  const t = useTranslator(text)
  const path = `/api/admin/rosters/${encodeURIComponent(unitId)}`
  const { data, failure, reload } = useLoaded<Officer[]>(path)
  const [face, setFace] = useState<Officer | null>(null)
  const [dialog, ask] = useAsk()
  const put = async (body: unknown) => {
    await request('POST', `${path}/officers`, body)
    reload()
    changed()
  }
  return (
    <div className="admin-card" data-officers={unitId}>
      <div className="admin-head">
        <h3>{unitId}</h3>
        <span className="grow" />
        <button
          type="button"
          className="primary"
          data-action="add-officer"
          onClick={() => ask({ title: t('officer.add'), act: t('officer.add'), fields: [{ name: 'officerId', label: t('officer.id') }, ...facts(t), { name: 'pin', label: t('officer.pin'), type: 'password' }], submit: put })}
        >
          {t('officer.add')}
        </button>
      </div>
      {failure && <Failed why={failure} again={reload} />}
      {data === null ? (
        !failure && <p className="empty">{t('admin.loading')}</p>
      ) : data.length === 0 ? (
        <p className="empty">{t('officer.none')}</p>
      ) : (
        <Table head={[t('officer.id'), t('officer.name'), t('officer.role'), t('aunit.police'), t('admin.acts')]}>
          {data.map((officer) => (
            <tr key={officer.officerId} data-officer={officer.officerId}>
              <th scope="row">{officer.officerId}</th>
              <td data-own-words>{officer.displayName}</td>
              <td>{t.code('officerRole.', officer.role)}</td>
              <td>{t.code('police.', officer.policeType)}</td>
              <td>
                <div className="admin-acts">
                  <button
                    type="button"
                    onClick={() =>
                      ask({
                        title: `${t('admin.edit')} ${officer.officerId}`,
                        act: t('admin.save'),
                        fields: [...facts(t, officer), { name: 'pin', label: t('officer.newPin'), type: 'password' }],
                        submit: (v) => put({ ...v, officerId: officer.officerId }),
                      })
                    }
                  >
                    {t('admin.edit')}
                  </button>
                  <button type="button" data-action="officer-face" onClick={() => setFace(officer)}>
                    {officer.faces ? t('officer.faceOf', { n: officer.faces }) : t('officer.face')}
                  </button>
                  <button
                    type="button"
                    className="danger"
                    onClick={() =>
                      ask({
                        title: t('officer.removeOf', { officer: officer.officerId, unit: unitId }),
                        act: t('admin.remove'),
                        danger: true,
                        fields: [],
                        submit: async () => {
                          await request('POST', `${path}/officers/${encodeURIComponent(officer.officerId)}/remove`, {})
                          reload()
                          changed()
                        },
                      })
                    }
                  >
                    {t('admin.remove')}
                  </button>
                </div>
              </td>
            </tr>
          ))}
        </Table>
      )}
      {dialog}
      {face && (
        <OfficerFace
          officer={face}
          path={`${path}/officers/${encodeURIComponent(face.officerId)}/faces`}
          onClose={() => setFace(null)}
          onDone={() => {
            setFace(null)
            reload()
            changed()
          }}
        />
      )}
    </div>
  )
}

function facts(t: T, officer?: Officer): Field[] {
  return [
    { name: 'name', label: t('officer.name'), value: officer?.displayName ?? '' },
    { name: 'role', label: t('officer.role'), options: ['officer', 'leader'].map((r) => [r, t.code('officerRole.', r)] as const), value: officer?.role ?? 'officer' },
    { name: 'policeType', label: t('aunit.police'), options: ['public_order', 'traffic'].map((p) => [p, t.code('police.', p)] as const), value: officer?.policeType ?? 'public_order' },
  ]
}
