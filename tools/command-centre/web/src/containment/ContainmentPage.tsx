import { useState } from 'react'
import { useTranslator } from '@shared/i18n.ts'
import { useStore } from '@shared/store.ts'
import { account, topic } from '../centre.ts'
import { FieldPanel } from '../field/FieldPanel.tsx'
import { ErrorLine } from '../field/parts.tsx'
import { useLoaded } from '../field/useLoaded.ts'
import { text } from '../text.ts'
import { loadOperations, type Operation } from './containment.ts'
import { CordonDraft } from './CordonDraft.tsx'
import { Follow } from './Follow.tsx'

export function ContainmentPage() {
  const t = useTranslator(text)
  const role = useStore(account)?.role ?? ''
  const mayOrder = role === 'dispatcher' || role === 'supervisor'
  const told = useStore(topic<Operation[]>('containment'))
  // The stream tells of every change; asking once says why when there is nothing yet.
  const asked = useLoaded(loadOperations, [])
  const operations = told ?? asked.value
  const [drawing, setDrawing] = useState(false)
  const [chosenId, setChosenId] = useState('')
  if (drawing) {
    return (
      <CordonDraft
        onClose={(begun) => {
          setDrawing(false)
          if (begun) setChosenId(begun)
          asked.retry()
        }}
      />
    )
  }
  const newest = [...(operations ?? [])].sort((a, b) => Number(a.endedAtUnixMs !== null) - Number(b.endedAtUnixMs !== null) || b.startedAtUnixMs - a.startedAtUnixMs)
  const chosen = newest.find((o) => o.operationId === chosenId) ?? newest[0]
  const head = (
    <>
      {mayOrder ? (
        <button type="button" className="primary" data-action="new-cordon" onClick={() => setDrawing(true)}>
          {t('cordon.new')}
        </button>
      ) : (
        <p className="soft">{t('cordon.readOnly')}</p>
      )}
      {asked.failed && !told && <ErrorLine words={t('cordon.failed', { why: t.code('error.', asked.failed) })} retry={asked.retry} />}
    </>
  )
  if (chosen) return <Follow key={chosen.operationId} operation={chosen} all={newest} mayOrder={mayOrder} head={head} onChoose={setChosenId} />
  return (
    <div className="field-page" data-page="containment">
      <FieldPanel focus="" />
      <aside>
        <div className="field-head">
          <h2>{t('cordon.title')}</h2>
        </div>
        <div className="field-body">
          {head}
          {operations === null ? !asked.failed && <p className="empty">{t('cordon.loading')}</p> : <p className="empty">{t('cordon.none')}</p>}
        </div>
      </aside>
    </div>
  )
}
