import { useEffect } from 'react'
import { dateTime } from '@shared/format.ts'
import { request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { Failed, Table, useAsk, useLoaded } from './parts.tsx'
import { text } from './text.ts'

interface RingUnit { unitId: string; state: string; before: string; code: string }
interface Ring { ring: number; counts: Record<string, number>; units: RingUnit[] }
interface Rollout { rolloutId: string; version: string; state: string; ring: number; soakMinutes: number; backMinutes: number; madeBy: string; madeAtUnixMs: number; stopCode: string; stopUnit: string; rings: Ring[] }
interface Releases { releases: { version: string; sizeBytes: number; addedAtUnixMs: number; units: number }[]; rollouts: Rollout[] }

const againMs = 10_000

export function ReleasesTab() {
  const t = useTranslator(text)
  const { data, failure, reload } = useLoaded<Releases>('/api/admin/releases')
  const [dialog, ask] = useAsk()
  useEffect(() => {
    const timer = window.setInterval(reload, againMs)
    return () => window.clearInterval(timer)
  }, [reload])
  if (data === null) return failure ? <Failed why={failure} again={reload} /> : <p className="empty">{t('admin.loading')}</p>
  const begin = (version: string) =>
    ask({
      title: t('release.about', { act: t('release.begin'), version }),
      act: t('release.begin'),
      fields: [
        { name: 'rings', label: t('release.rings'), type: 'area' },
        { name: 'soak', label: t('release.soak'), type: 'number', value: '1440' },
        { name: 'back', label: t('release.back'), type: 'number', value: '120' },
      ],
      submit: async (v) => {
        const rings = (v['rings'] ?? '').split('\n').map((line) => line.split(/[\s,，]+/).filter(Boolean)).filter((ring) => ring.length > 0)
        await request('POST', '/api/admin/rollouts', { version, rings, soakMinutes: Number(v['soak']), backMinutes: Number(v['back']) })
        reload()
      },
    })
  return (
    <>
      <h2>{t('admin.releases')}</h2>
      {data.releases.length === 0 ? (
        <p className="empty">{t('release.none')}</p>
      ) : (
        <Table head={[t('release.version'), t('audit.time'), t('admin.units'), t('admin.acts')]}>
          {data.releases.map((r) => (
            <tr key={r.version} data-release={r.version}>
              <th scope="row">
                {r.version}
                <small>{t('release.size', { n: (r.sizeBytes / 1e6).toFixed(1) })}</small>
              </th>
              <td>{dateTime(r.addedAtUnixMs, t.lang)}</td>
              <td>{r.units}</td>
              <td>
                <button type="button" data-action="begin-rollout" onClick={() => begin(r.version)}>
                  {t('release.begin')}
                </button>
              </td>
            </tr>
          ))}
        </Table>
      )}
      {data.rollouts.length === 0 && <p className="empty">{t('release.noRollouts')}</p>}
      {data.rollouts.map((r) => (
        <RolloutCard key={r.rolloutId} rollout={r} ask={ask} reload={reload} />
      ))}
      {dialog}
    </>
  )
}

function RolloutCard({ rollout, ask, reload }: { rollout: Rollout; ask: ReturnType<typeof useAsk>[1]; reload: () => void }) {
  const t = useTranslator(text)
  const act = (name: string, words: string, danger = false) => (
    <button
      type="button"
      className={danger ? 'danger' : ''}
      data-action={`${name}-rollout`}
      onClick={() =>
        ask({
          title: t('release.about', { act: words, version: rollout.version }),
          act: words,
          danger,
          fields: [{ name: 'reason', label: t('admin.reason') }],
          submit: async (v) => {
            await request('POST', `/api/admin/rollouts/${rollout.rolloutId}/${name}`, v)
            reload()
          },
        })
      }
    >
      {words}
    </button>
  )
  return (
    <div className="admin-card" data-rollout={rollout.version} data-state={rollout.state}>
      <div className="admin-head">
        <h3>{rollout.version}</h3>
        <b>{t.code('rolloutState.', rollout.state)}</b>
        <span className="soft">{t('release.facts', { soak: rollout.soakMinutes, back: rollout.backMinutes, who: rollout.madeBy })}</span>
        <span className="grow" />
        {rollout.state === 'running' && act('pause', t('release.pause'))}
        {(rollout.state === 'paused' || rollout.state === 'stopped') && act('resume', t('release.resume'))}
        {rollout.state !== 'rolled_back' && act('roll_back', t('release.rollBack'), true)}
      </div>
      {rollout.stopCode && (
        <p className="error-line" role="alert">
          <Icon name="warning" size={20} />
          {t('release.stopped', { unit: rollout.stopUnit, why: t.code('stop.', rollout.stopCode) })}
        </p>
      )}
      <div className="admin-rings">
        {rollout.rings.map((ring) => (
          <div key={ring.ring} className="admin-ring" aria-current={ring.ring === rollout.ring ? 'step' : undefined}>
            <b>{t('release.ring', { n: ring.ring })}</b>
            <div>
              <div className="counts">
                {Object.entries(ring.counts).map(([state, n]) => (
                  <span key={state} className={state === 'failed' ? 'is-bad' : ''}>
                    {t.code('ringState.', state).replace('{n}', String(n))}
                  </span>
                ))}
              </div>
              <p className="soft">
                {ring.units
                  .filter((u) => u.state !== 'installed')
                  .slice(0, 40)
                  .map((u) => (u.code ? `${u.unitId}: ${t.code('stop.', u.code)}` : u.unitId))
                  .join(' · ')}
              </p>
            </div>
          </div>
        ))}
      </div>
    </div>
  )
}
