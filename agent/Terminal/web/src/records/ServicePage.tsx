import { useState } from 'react'
import { state } from '../desk.ts'
import { takePicture } from '../duty/duty.ts'
import { WhenStanding } from '../shell/driving.tsx'
import type { Previews } from '../previews.ts'
import { dateTime, place as coordinates } from '../shared/format.ts'
import { errorCode } from '../shared/http.ts'
import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { useStore } from '../shared/store.ts'
import { text } from '../text.ts'
import { Guides } from './Guides.tsx'
import { CameraPicker } from './PicturesStep.tsx'
import { offices, recordsOf, send } from './records.ts'
import { recordWhy } from './RecordsPage.tsx'
import './records.css'

const tabs = ['found', 'lost', 'office', 'guides'] as const
type Tab = (typeof tabs)[number]

/** What people ask for at the car's window, and what they can be given to read. */
export function ServicePage({ previews }: { previews: Previews }) {
  const t = useTranslator(text)
  const [tab, setTab] = useState<Tab>('found')
  return (
    <div className="service" role="group" aria-label={t('service.title')}>
      <nav className="service-tabs" aria-label={t('service.title')}>
        {tabs.map((id) => (
          <button key={id} type="button" data-service={id} aria-current={id === tab ? 'page' : undefined} onClick={() => setTab(id)}>
            {id === 'guides' ? t('service.guides') : t(`serviceKind.${id}`)}
          </button>
        ))}
      </nav>
      {tab === 'guides' ? <Guides /> : <WhenStanding><Ask key={tab} kind={tab} previews={previews} /></WhenStanding>}
    </div>
  )
}

function Ask({ kind, previews }: { kind: Exclude<Tab, 'guides'>; previews: Previews }) {
  const t = useTranslator(text)
  const position = useStore(state)?.position
  const here = position && !position.stale ? coordinates(position.latitude, position.longitude) : ''
  const empty = { what: '', place: kind === 'found' ? here : '', contact: '', office: '', pictureId: null as string | null }
  const [asked, setAsked] = useState(empty)
  const [busy, setBusy] = useState(false)
  const [sent, setSent] = useState(false)
  const [failure, setFailure] = useState('')
  const run = async (what: () => Promise<unknown>) => {
    if (busy) return
    setBusy(true)
    setFailure('')
    setSent(false)
    try {
      await what()
    } catch (error) {
      const code = errorCode(error)
      setFailure(code)
      if (code === 'picture_gone') setAsked((a) => ({ ...a, pictureId: null }))
    } finally {
      setBusy(false)
    }
  }
  const submit = () =>
    run(async () => {
      await send({ kind, ...asked })
      setAsked(empty)
      setSent(true)
    })
  return (
    <div className="service-ask">
      <form
        onSubmit={(e) => {
          e.preventDefault()
          void submit()
        }}
      >
        {kind === 'office' && (
          <fieldset>
            <legend>{t('service.office')}</legend>
            <div className="case-chips">
              {offices.map((o) => (
                <button key={o} type="button" data-office={o} aria-pressed={asked.office === o} onClick={() => setAsked({ ...asked, office: o })}>
                  {t(`office.${o}`)}
                </button>
              ))}
            </div>
          </fieldset>
        )}
        <label>
          {t(`serviceWhat.${kind}`)}
          <textarea name="what" rows={3} maxLength={1000} value={asked.what} onChange={(e) => setAsked({ ...asked, what: e.target.value })} />
        </label>
        {kind !== 'office' && (
          <label>
            {t('service.place')}
            <input name="place" maxLength={200} value={asked.place} onChange={(e) => setAsked({ ...asked, place: e.target.value })} />
          </label>
        )}
        <label>
          {t('service.contact')}
          <input name="contact" maxLength={120} autoComplete="off" value={asked.contact} onChange={(e) => setAsked({ ...asked, contact: e.target.value })} />
        </label>
        {kind === 'found' && (
          <fieldset>
            <legend>{t(asked.pictureId ? 'service.pictureTaken' : 'service.picture')}</legend>
            <CameraPicker previews={previews} disabled={busy} onPick={(id) => void run(async () => { const taken = await takePicture(id); setAsked((a) => ({ ...a, pictureId: taken.id })) })} />
          </fieldset>
        )}
        {failure && (
          <p className="error-line" role="alert" data-refused={failure}>
            <Icon name="warning" />
            {recordWhy(t, failure)}
          </p>
        )}
        {sent && (
          <p className="case-sent" role="status" data-request-sent>
            <Icon name="tick" size={26} />
            {t('service.sent')}
          </p>
        )}
        <button type="submit" className="primary case-send" disabled={busy || !asked.what.trim() || (kind === 'office' && !asked.office)}>
          {t('service.send')}
        </button>
      </form>
      <Own />
    </div>
  )
}

function Own() {
  const t = useTranslator(text)
  const { requests } = recordsOf(useStore(state))
  return (
    <section className="service-own" aria-label={t('service.own')}>
      <h2>
        {t('service.own')} <b>{requests.length}</b>
      </h2>
      {requests.length === 0 && <p className="soft">{t('service.ownNone')}</p>}
      <ul>
        {requests.map((r) => (
          <li key={r.id} data-request={r.id} data-state={r.state}>
            <b>{r.kind === 'office' ? t.code('office.', r.office) : t(`serviceKind.${r.kind}`)}</b>
            <small>{dateTime(r.atUnixMs, t.lang)}</small>
            <span className="tag tag-ok">{t(`recordState.${r.state}`)}</span>
            {r.answer && <p data-own-words>{t('record.answer', { words: r.answer })}</p>}
          </li>
        ))}
      </ul>
    </section>
  )
}
