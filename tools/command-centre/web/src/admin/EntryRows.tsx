import { useTranslator } from '@shared/i18n.ts'
import type { Entry } from './drafts.ts'
import { Table } from './parts.tsx'
import { text } from './text.ts'

const plateClasses = ['blue', 'yellow', 'yellow_two_row', 'green', 'white', 'black', 'other']

/** The entries of a draft, one a row. */
export function EntryRows({ kind, entries, onChange }: { kind: string; entries: readonly Entry[]; onChange: (entries: Entry[]) => void }) {
  const t = useTranslator(text)
  const faces = kind === 'faces'
  const put = (at: number, change: Partial<Entry>) => onChange(entries.map((e, i) => (i === at ? { ...e, ...change } : e)))
  const cell = (at: number, name: 'entryId' | 'plate' | 'vehicleClass' | 'note' | 'subjectReference' | 'displayName', label: string) => (
    <td>
      <input name={`${name}-${at}`} aria-label={label} value={entries[at]?.[name] ?? ''} onChange={(e) => put(at, { [name]: e.target.value })} />
    </td>
  )
  const picture = (at: number, file: File) => {
    const reader = new FileReader()
    reader.onload = () => put(at, { picture: String(reader.result) })
    reader.readAsDataURL(file)
  }
  return (
    <div className="admin-entries">
      {entries.length > 0 && (
        <Table
          head={
            faces
              ? [t('draft.entryId'), t('form.subject'), t('form.displayName'), t('form.picture'), t('form.minor'), t('form.note'), t('admin.acts')]
              : [t('draft.entryId'), t('form.plate'), t('form.plateClass'), t('form.vehicleClass'), t('form.note'), t('admin.acts')]
          }
        >
          {entries.map((entry, at) => (
            <tr key={at}>
              {cell(at, 'entryId', t('draft.entryId'))}
              {faces ? (
                <>
                  {cell(at, 'subjectReference', t('form.subject'))}
                  {cell(at, 'displayName', t('form.displayName'))}
                  <td>
                    <input type="file" accept="image/*" aria-label={t('form.picture')} onChange={(e) => e.target.files?.[0] && picture(at, e.target.files[0])} />
                    {entry.picture && <small>{t('form.hasPicture')}</small>}
                  </td>
                  <td>
                    <input type="checkbox" aria-label={t('form.minor')} checked={entry.minor ?? false} onChange={(e) => put(at, { minor: e.target.checked })} />
                  </td>
                </>
              ) : (
                <>
                  {cell(at, 'plate', t('form.plate'))}
                  <td>
                    <select name={`plateClass-${at}`} aria-label={t('form.plateClass')} value={entry.plateClass ?? ''} onChange={(e) => put(at, { plateClass: e.target.value || null })}>
                      <option value="">{t('form.unknown')}</option>
                      {plateClasses.map((c) => (
                        <option key={c} value={c}>
                          {t.code('plateClass.', c)}
                        </option>
                      ))}
                    </select>
                  </td>
                  {cell(at, 'vehicleClass', t('form.vehicleClass'))}
                </>
              )}
              {cell(at, 'note', t('form.note'))}
              <td>
                <button type="button" onClick={() => onChange(entries.filter((_, i) => i !== at))}>
                  {t('admin.remove')}
                </button>
              </td>
            </tr>
          ))}
        </Table>
      )}
      <button type="button" data-action="add-entry" onClick={() => onChange([...entries, { entryId: `e${entries.length + 1}` }])}>
        {t('form.addEntry')}
      </button>
    </div>
  )
}
