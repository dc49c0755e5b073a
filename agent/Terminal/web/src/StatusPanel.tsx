import { useEffect, useRef } from 'react'
import { boxFacts } from './box/boxFacts.ts'
import { boxOf } from './box/box.ts'
import { state } from './desk.ts'
import type { Camera, ListStatus, PrivacyPlace, SceneNumbers, TerminalState } from './shared/api.ts'
import { ago, clockTime, count, kmh, place, span } from './shared/format.ts'
import { useTranslator, type Say } from './shared/i18n.ts'
import { Icon } from './shared/icons.tsx'
import { useStore } from './shared/store.ts'
import { useNow } from './shared/ticker.ts'
import type { Section } from './StateBar.tsx'
import { stageName } from './stageNames.ts'
import { text } from './text.ts'

/** Everything that the state bar sums up, in words: opened at the part that was asked for. */
const sections = ['matching', 'stages', 'lists', 'link', 'position', 'cameras'] as const satisfies readonly Section[]

export function StatusPanel({ section, onClose }: { section: Section; onClose: () => void }) {
  const t = useTranslator(text)
  const snapshot = useStore(state)
  const panel = useRef<HTMLElement>(null)
  useEffect(() => {
    jumpTo(panel.current, section)
    panel.current?.focus()
  }, [section])
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (e.key === 'Escape') onClose()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [onClose])
  return (
    <aside className="panel" ref={panel} tabIndex={-1} aria-label={t('panel.title')}>
      <div className="panel-head">
        <h2>{t('panel.title')}</h2>
        <button type="button" onClick={onClose} data-action="close-panel">
          <Icon name="cross" size={18} />
          {t('action.close')}
        </button>
      </div>
      <nav className="panel-nav" aria-label={t('panel.jump')}>
        {sections.map((s) => (
          <button key={s} type="button" data-jump={s} onClick={() => jumpTo(panel.current, s)}>
            {t(`panel.${s}Short`)}
          </button>
        ))}
      </nav>
      {snapshot ? <Sections s={snapshot} /> : <p className="empty">{t('app.wait')}</p>}
    </aside>
  )
}

function jumpTo(panel: HTMLElement | null, section: Section): void {
  panel?.querySelector(`[data-section=${section}]`)?.scrollIntoView({ block: 'start' })
}

function Sections({ s }: { s: TerminalState }) {
  const t = useTranslator(text)
  const { matching } = s
  const box = boxOf(s)
  return (
    <div className="panel-body" tabIndex={0} role="group" aria-label={t('panel.title')}>
      <section data-section="matching">
        <h3>{t('panel.matching')}</h3>
        <p className="panel-pair">
          <span className={matching.faces ? 'tag tag-ok' : 'tag tag-warn'}>
            {t('kind.faces')} {t(matching.faces ? 'matching.on' : 'matching.off')}
          </span>
          <span className={matching.plates ? 'tag tag-ok' : 'tag tag-warn'}>
            {t('kind.plates')} {t(matching.plates ? 'matching.on' : 'matching.off')}
          </span>
        </p>
        <p>{t.pick(matching.detailZh, matching.detailEn)}</p>
      </section>
      <section data-section="stages">
        <h3>{t('panel.stages')}</h3>
        {s.disk && <p className="row-reason" data-disk={s.disk.code}>{t.pick(s.disk.detailZh, s.disk.detailEn)}</p>}
        {s.stages.length === 0 && <p className="soft">{t('panel.noStages')}</p>}
        <StageRows s={s} />
      </section>
      {box && (
        <section data-section="box">
          <h3>{t('box.title')}</h3>
          <Facts facts={boxFacts(t, box)} />
        </section>
      )}
      <section data-section="lists">
        <h3>{t('panel.lists')}</h3>
        {s.lists.length === 0 && <p className="soft">{t('panel.noLists')}</p>}
        <ul>
          {s.lists.map((list) => (
            <ListRow key={`${list.listId}/${list.version}`} list={list} />
          ))}
        </ul>
      </section>
      <section data-section="link">
        <h3>{t('panel.link')}</h3>
        <Facts facts={linkFacts(t, s)} />
      </section>
      <section data-section="position">
        <h3>{t('panel.position')}</h3>
        <Facts facts={positionFacts(t, s)} />
        {s.privacy?.unchecked && <p className="panel-privacy" data-privacy="unchecked">{t('privacy.uncheckedWhy')}</p>}
        {s.privacy?.places.map((p) => (
          <div key={p.id} className="panel-privacy" data-privacy={p.id}>
            <b>{t('privacy.in', { name: t.pick(p.nameZh, p.nameEn) })}</b> {privacyWords(t, p, s.cameras)}
          </div>
        ))}
      </section>
      <section data-section="cameras">
        <h3>{t('panel.cameras')}</h3>
        {s.cameras.length === 0 && <p className="soft">{t('panel.noCameras')}</p>}
        <ul>
          {s.cameras.map((c) => (
            <li key={c.id} className="row">
              <span className="row-name">{t.pick(c.labelZh, c.labelEn)}</span>
              <span className={c.state === 'lost' || c.frozen || c.black ? 'is-bad' : c.state === 'streaming' ? 'is-ok' : 'is-warn'}>
                {c.black ? t('camera.black') : c.frozen ? t('camera.frozen') : t(`camera.${c.state}`)}
              </span>
              <span className="soft">
                {t('camera.fps', { n: c.fps.toFixed(0) })} · {c.codec}
                {c.wantedFps > 0 && ` · ${t('camera.analysed', { n: c.analysedFps.toFixed(0), wanted: c.wantedFps.toFixed(0) })}`}
              </span>
              {c.degraded && <p className="row-detail is-warn" data-degraded>{t('camera.degraded')}</p>}
              {c.detail && <p className="row-detail">{c.detail}</p>}
              {c.lastMinute && <p className="row-detail" data-minute={c.id}>{minuteWords(t, c.lastMinute)}</p>}
            </li>
          ))}
        </ul>
      </section>
      <p className="soft">{t('panel.version', { version: s.softwareVersion })}</p>
    </div>
  )
}

export function StageRows({ s, faultsOnly = false }: { s: TerminalState; faultsOnly?: boolean }) {
  const t = useTranslator(text)
  return (
    <ul>
      {s.stages.filter((stage) => !faultsOnly || stage.state !== 'ok').map((stage) => (
        <li key={stage.name} className="row">
          <span className="row-name">{stageName(stage.name, t.lang)}</span>
          <span className={stage.state === 'ok' ? 'is-ok' : stage.state === 'stopped' ? 'is-bad' : 'is-warn'}>{t(`stage.${stage.state}`)}</span>
          <span className="soft">
            {stage.rateHz ? t('stage.rate', { n: stage.rateHz.toFixed(stage.rateHz < 10 ? 1 : 0) }) : ''}
            {stage.restarts > 0 ? ` ${t('stage.restarts', { n: stage.restarts })}` : ''}
          </span>
          {stage.state !== 'ok' && stage.detail && <p className="row-detail">{stage.detail}</p>}
        </li>
      ))}
    </ul>
  )
}

function ListRow({ list }: { list: ListStatus }) {
  const t = useTranslator(text)
  const now = useNow(5000)
  const left = list.validToUnixMs - now
  return (
    <li className="row row-list" data-list={list.listId} data-list-state={list.state}>
      <span className="row-name">{t.pick(list.titleZh, list.titleEn) || list.listId}</span>
      <span className={list.state === 'loaded' ? 'is-ok' : 'is-bad'}>{t(`list.${list.state}`)}</span>
      {list.state !== 'loaded' && <p className="row-reason">{t.pick(list.detailZh, list.detailEn) || list.code}</p>}
      <p className="row-detail">
        {[
          t.code('kind.', list.kind),
          t.code('category.', list.category),
          t('list.entries', { n: count(list.entries, t.lang) }),
          t('list.version', { n: list.version }),
          list.authority,
          list.legalReference,
          list.issuedAtUnixMs > 0 ? t('list.issued', { age: ago(t, now - list.issuedAtUnixMs) }) : '',
          list.validToUnixMs > 0 ? (left > 0 ? t('list.valid', { age: t('age.left', { age: span(t, left) }) }) : t('list.validOver', { age: ago(t, -left) })) : '',
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
    </li>
  )
}

function minuteWords(t: Say<typeof text>, minute: SceneNumbers): string {
  const words: string[] = []
  if (minute.vehicles !== null) words.push(t('scene.vehicles', { n: minute.vehicles }))
  if (minute.headsMedian !== null) words.push(t('scene.heads', { n: minute.headsMedian, most: minute.headsMax ?? minute.headsMedian }))
  return `${t('scene.minute')} ${words.join(' · ')}`
}

function linkFacts(t: Say<typeof text>, s: TerminalState): Fact[] {
  const { link } = s
  const facts: Fact[] = [
    [t('panel.phase'), t(`link.${link.phase}`)],
    [t('panel.since'), clockTime(link.sinceUnixMs, t.lang)],
    [t('panel.rtt'), link.rttMs === null ? t('value.unknown') : t('link.rtt', { n: Math.round(link.rttMs) })],
    [t('panel.backlog'), String(link.backlogEvents)],
    [t('panel.oldest'), link.oldestUnackedMs === null ? t('value.none') : span(t, link.oldestUnackedMs)],
    [t('panel.refused'), String(link.refusedEvents)],
    [t('time.label'), t.code('time.', s.timeTrust)],
  ]
  if (link.detail) facts.push([t('panel.detail'), link.detail])
  return facts
}

function positionFacts(t: Say<typeof text>, { position }: TerminalState): Fact[] {
  if (!position) return [[t('car.fix'), t('position.none')]]
  return [
    [t('car.fix'), t.code('fix.', position.fix)],
    [t('car.age'), ago(t, position.ageMs)],
    [t('car.place'), place(position.latitude, position.longitude)],
    [t('car.speed'), kmh(t, position.speedMps)],
    [t('car.heading'), t('car.degrees', { n: Math.round(position.headingDegrees) })],
  ]
}

type Fact = [name: string, value: string]
function Facts({ facts }: { facts: Fact[] }) {
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** What does not happen there, and for which cameras. */
function privacyWords(t: Say<typeof text>, place: PrivacyPlace, cameras: Camera[]): string {
  const named = cameras.filter((c) => place.cameras.includes(c.id)).map((c) => t.pick(c.labelZh, c.labelEn))
  return [
    named.length > 0 ? t('privacy.cameras', { names: named.join(t('privacy.and')) }) : t('privacy.allCameras'),
    place.allowViews ? '' : t('privacy.noViews'),
    place.notMatched === 'none' ? '' : t(place.notMatched === 'faces' ? 'privacy.noFaces' : 'privacy.noMatching'),
    place.sector ? t('privacy.sector') : '',
  ]
    .filter(Boolean)
    .join(t.lang === 'zh' ? '' : ' ')
}
