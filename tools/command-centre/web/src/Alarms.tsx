import { useState } from 'react'
import { dateTimeSeconds } from '@shared/format.ts'
import { errorCode, request } from '@shared/http.ts'
import { useTranslator } from '@shared/i18n.ts'
import { Icon } from '@shared/icons.tsx'
import { useStore } from '@shared/store.ts'
import { alarms, type AlarmView } from './centre.ts'
import { text } from './text.ts'

const shown = 3

/** Over everything else: somebody read what nobody has a reason to read. The server sends these to administrators only. */
export function Alarms() {
  const t = useTranslator(text)
  const open = useStore(alarms)
  if (open.length === 0) return null
  return (
    <section className="alarms" role="alert" aria-label={t('alarm.title')}>
      {open.slice(0, shown).map((alarm) => (
        <AlarmRow key={alarm.id} alarm={alarm} />
      ))}
      {open.length > shown && <p className="alarms-more">{t('alarm.more', { n: open.length - shown })}</p>}
    </section>
  )
}

function AlarmRow({ alarm }: { alarm: AlarmView }) {
  const t = useTranslator(text)
  const [failure, setFailure] = useState('')
  const [busy, setBusy] = useState(false)
  const list = t.pick(alarm.titleZh, alarm.titleEn) || alarm.listId
  const acknowledge = async () => {
    setBusy(true)
    try {
      await request('POST', `/api/alarms/${alarm.id}/acknowledge`, {})
    } catch (error) {
      setBusy(false)
      setFailure(errorCode(error))
    }
  }
  return (
    <div className="alarm" data-alarm={alarm.id}>
      <Icon name="warning" size={26} />
      <p>
        <b>{t('alarm.touched', { actor: alarm.actor, list })}</b>
        <span>
          {dateTimeSeconds(alarm.atUnixMs, t.lang)} · {t.code('alarmWay.', alarm.way)} · {t('alarm.purpose', { purpose: alarm.purpose })} · {t('alarm.canary', { id: alarm.canaryId })}
        </span>
        {failure && <span>{t.code('error.', failure)}</span>}
      </p>
      <button type="button" data-action="acknowledge" disabled={busy} onClick={() => void acknowledge()}>
        {t('alarm.acknowledge')}
      </button>
    </div>
  )
}
