import { request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Failed, useAsk, useLoaded } from './parts.tsx'
import { ProposalCard, type Proposal } from './ProposalCard.tsx'
import { text } from './text.ts'

interface FaceLogin { current: string; modes: string[]; proposals: Proposal<string>[] }

const path = '/api/admin/face-login'

/** What a face is worth at sign-in, in every car: proposed by one person, approved by another. */
export function FaceLoginPolicy() {
  const t = useTranslator(text)
  const { data, failure, reload } = useLoaded<FaceLogin>(path)
  const [dialog, ask] = useAsk()
  if (data === null) return failure ? <Failed why={failure} again={reload} /> : <p className="empty">{t('admin.loading')}</p>
  const propose = () =>
    ask({
      title: t('faceLogin.title'),
      hint: t('faceLogin.hint'),
      act: t('faceLogin.propose'),
      fields: [
        { name: 'mode', label: t('faceLogin.mode'), options: data.modes.map((m) => [m, t.code('faceMode.', m)] as const), value: data.current },
        { name: 'reason', label: t('admin.reason') },
      ],
      submit: async (v) => {
        await request('POST', path, v)
        reload()
      },
    })
  return (
    <section className="admin-section" data-face-login={data.current}>
      <div className="admin-head">
        <h2>{t('faceLogin.title')}</h2>
        <b>{t('faceLogin.current', { mode: t.code('faceMode.', data.current) })}</b>
        <span className="grow" />
        <button type="button" className="primary" data-action="propose-face-login" onClick={propose}>
          {t('faceLogin.propose')}
        </button>
      </div>
      <p className="soft">{t('faceLogin.hint')}</p>
      {data.proposals.length === 0 && <p className="empty">{t('faceLogin.none')}</p>}
      {data.proposals.map((p) => (
        <ProposalCard key={p.proposalId} proposal={p} path={path} ask={ask} reload={reload}>
          <b data-proposed={p.content}>{t.code('faceMode.', p.content)}</b>
        </ProposalCard>
      ))}
      {dialog}
    </section>
  )
}
