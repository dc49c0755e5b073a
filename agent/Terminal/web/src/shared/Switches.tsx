import { commonText } from './commonText.ts'
import { language, useTranslator } from './i18n.ts'
import { Icon } from './icons.tsx'
import { useStore } from './store.ts'
import { theme } from './theme.ts'

export function LanguageSwitch() {
  const t = useTranslator(commonText)
  return (
    <button type="button" className="tool" data-action="language" title={t('language.switchHint')} onClick={() => language.set(t.lang === 'zh' ? 'en' : 'zh')}>
      {t('language.switch')}
      <span className="visually-hidden">{t('language.switchHint')}</span>
    </button>
  )
}

export function ThemeSwitch() {
  const t = useTranslator(commonText)
  const night = useStore(theme) === 'night'
  return (
    <button
      type="button"
      className="tool"
      data-action="theme"
      aria-label={t(night ? 'theme.toDay' : 'theme.toNight')}
      title={t(night ? 'theme.toDay' : 'theme.toNight')}
      onClick={() => theme.set(night ? 'day' : 'night')}
    >
      <Icon name={night ? 'sun' : 'moon'} />
    </button>
  )
}
