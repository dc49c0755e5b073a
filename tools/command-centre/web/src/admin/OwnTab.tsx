import qrcode from 'qrcode-generator'
import { useState, type FormEvent } from 'react'
import { dateTime } from '@shared/format.ts'
import { request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { useStore } from '@shared/store.ts'
import { account, reloadAccount } from '../centre.ts'
import { Failed, Input, Problem, refusal, Table, useAsk, useLoaded } from './parts.tsx'
import { text } from './text.ts'

interface Own { secondFactor: boolean; sessions: { key: string; beganAtUnixMs: number; seenAtUnixMs: number; address: string; own: boolean }[] }
interface Approvers { own: string; approvers: { user: string; state: string; endsAtUnixMs: number | null }[] }

/** One's own account: password, second factor, approver key, and where one is signed in. */
export function OwnTab() {
  const t = useTranslator(text)
  const may = useStore(account)?.permissions ?? []
  const { data, failure, reload } = useLoaded<Own>('/api/me/sessions')
  return (
    <>
      <h2>{t('admin.own')}</h2>
      <div className="admin-split">
        <ChangePassword />
        <div className="admin-card">
          {failure && <Failed why={failure} again={reload} />}
          {data && <Factor isSet={data.secondFactor} changed={reload} />}
          {may.includes('approve_lists') && <ApproverKey />}
        </div>
      </div>
      <h3>{t('own.sessions')}</h3>
      {data && (
        <Table head={[t('own.address'), t('own.began'), t('own.seen'), t('admin.acts')]}>
          {data.sessions.map((s) => (
            <tr key={s.key} data-session={s.own ? 'own' : 'other'}>
              <td>{s.address}</td>
              <td>{dateTime(s.beganAtUnixMs, t.lang)}</td>
              <td>{dateTime(s.seenAtUnixMs, t.lang)}</td>
              <td>
                {s.own ? (
                  t('own.here')
                ) : (
                  <button type="button" onClick={() => void request('POST', `/api/me/sessions/${s.key}/end`, {}).finally(reload)}>
                    {t('own.end')}
                  </button>
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </>
  )
}

export function ChangePassword() {
  const t = useTranslator(text)
  const [values, setValues] = useState({ current: '', next: '', again: '' })
  const [problem, setProblem] = useState('')
  const [done, setDone] = useState(false)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setDone(false)
    setProblem(values.next === values.again ? '' : t('error.password_differs'))
    if (values.next !== values.again) return
    try {
      await request('POST', '/api/me/password', { current: values.current, next: values.next })
      setValues({ current: '', next: '', again: '' })
      setDone(true)
      await reloadAccount()
    } catch (error) {
      setProblem(refusal(t, error))
    }
  }
  return (
    <form className="admin-card admin-own" onSubmit={(e) => void submit(e)}>
      <h3>{t('own.password')}</h3>
      {(['current', 'next', 'again'] as const).map((name) => (
        <label key={name} className="admin-label">
          {t(`own.${name}`)}
          <Input field={{ name, label: '', type: 'password' }} value={values[name]} onChange={(v) => setValues((all) => ({ ...all, [name]: v }))} />
        </label>
      ))}
      <Problem words={problem} />
      {done && <p role="status">{t('own.changed')}</p>}
      <div className="admin-acts">
        <button type="submit" className="primary" data-action="change-password">
          {t('own.password')}
        </button>
      </div>
    </form>
  )
}

export function Factor({ isSet, changed }: { isSet: boolean; changed: () => void }) {
  const t = useTranslator(text)
  const [begun, setBegun] = useState<{ secret: string; uri: string } | null>(null)
  const [code, setCode] = useState('')
  const [problem, setProblem] = useState('')
  const [dialog, ask] = useAsk()
  const confirm = async (event: FormEvent) => {
    event.preventDefault()
    try {
      await request('POST', '/api/me/second-factor/confirm', { code })
      setBegun(null)
      await reloadAccount()
      changed()
    } catch (error) {
      setProblem(refusal(t, error))
    }
  }
  return (
    <>
      <h3>{t('own.factor')}</h3>
      {isSet ? (
        <p>{t('own.factorSet')}</p>
      ) : begun ? (
        <form className="admin-own" onSubmit={(e) => void confirm(e)}>
          <p>{t('own.factorScan')}</p>
          <Qr content={begun.uri} />
          <code>{begun.secret.replace(/(.{4})/g, '$1 ')}</code>
          <label className="admin-label">
            {t('own.factorCode')}
            <input name="totp" inputMode="numeric" autoComplete="one-time-code" value={code} onChange={(e) => setCode(e.target.value)} />
          </label>
          <Problem words={problem} />
          <button type="submit" className="primary">
            {t('admin.confirm')}
          </button>
        </form>
      ) : (
        <button
          type="button"
          data-action="begin-factor"
          onClick={() =>
            ask({
              title: t('own.factorBegin'),
              act: t('own.factorBegin'),
              fields: [{ name: 'password', label: t('admin.password'), type: 'password' }],
              submit: async (v) => setBegun(await request('POST', '/api/me/second-factor/begin', v)),
            })
          }
        >
          {t('own.factorBegin')}
        </button>
      )}
      {dialog}
    </>
  )
}

/** Drawn here: the secret goes to no picture service. */
function Qr({ content }: { content: string }) {
  const code = qrcode(0, 'M')
  code.addData(content)
  code.make()
  const side = code.getModuleCount()
  const dark = Array.from({ length: side * side }, (_, at) => at).filter((at) => code.isDark(Math.floor(at / side), at % side))
  return (
    <svg className="admin-qr" viewBox={`-1 -1 ${side + 2} ${side + 2}`} shapeRendering="crispEdges" aria-hidden="true">
      <path fill="#000" d={dark.map((at) => `M${at % side} ${Math.floor(at / side)}h1v1h-1z`).join('')} />
    </svg>
  )
}

function ApproverKey() {
  const t = useTranslator(text)
  const { data, failure, reload } = useLoaded<Approvers>('/api/admin/approvers')
  const [dialog, ask] = useAsk()
  const own = data?.approvers.find((a) => a.user === data.own)
  return (
    <>
      <h3>{t('own.key')}</h3>
      {failure && <Failed why={failure} again={reload} />}
      {own && <p data-key-state={own.state}>{own.state === 'certified' ? t('own.keyGood', { time: new Date(own.endsAtUnixMs ?? 0).toISOString().slice(0, 10) }) : t(own.state === 'waiting' ? 'own.keyWaiting' : 'own.keyNone')}</p>}
      <button
        type="button"
        data-action="make-key"
        onClick={() =>
          ask({
            title: t('own.keyMake'),
            act: t('own.keyMake'),
            fields: [{ name: 'passphrase', label: t('own.passphrase'), type: 'password' }],
            submit: async (v) => {
              await request('POST', '/api/admin/approvers/own', v)
              reload()
            },
          })
        }
      >
        {t('own.keyMake')}
      </button>
      {dialog}
    </>
  )
}
