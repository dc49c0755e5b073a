import { useState } from 'react'
import { state } from '../desk.ts'
import { useTranslator } from '../shared/i18n.ts'
import { Icon } from '../shared/icons.tsx'
import { useStore } from '../shared/store.ts'
import { text } from '../text.ts'
import { boxOf, postpone } from './box.ts'

/** Over every page, signed in or not, while the box is about to switch itself off. */
export function PowerBanner() {
  const t = useTranslator(text)
  const off = boxOf(useStore(state))?.off
  const [failed, setFailed] = useState(false)
  if (!off) return null
  const seconds = Math.ceil(off.leftMs / 1000)
  return (
    <section className="power-banner" role="alert" data-power-off={off.reason}>
      <Icon name="warning" size={40} />
      <div>
        <b>{seconds > 0 ? t(`box.off.${off.reason}`, { n: seconds }) : t('box.offNow')}</b>
        {seconds > 0 && <span>{t(`box.offWhy.${off.reason}`)}</span>}
      </div>
      {off.mayPostpone && (
        <button type="button" data-action="postpone-off" onClick={() => postpone().then(() => setFailed(false), () => setFailed(true))}>
          {t(failed ? 'box.postponeFailed' : 'box.postpone')}
        </button>
      )}
    </section>
  )
}
