// What the bench shows (truth.json), as the scripted officer and the screenshots need it.
import { existsSync, readFileSync } from 'node:fs'

/** The cameras of truth.json, or null while the bench has not written it yet. */
export function readTruth(path) {
  if (!path || !existsSync(path)) return null
  try {
    return JSON.parse(readFileSync(path, 'utf8')).cameras
  } catch {
    return null // being written at this moment
  }
}

const nameOf = (object) => (object.kind === 'plate' ? object.text : object.person)
const bare = (text) => (text ?? '').replace(/[·.\s]/g, '').toUpperCase()

/** Whether what the alert names is on a list and really passes the camera that saw it. */
export function isTrueHit(cameras, { kind, listedText, cameraId }) {
  const seen = cameras.filter((c) => c.id === cameraId)
  const objects = (seen.length > 0 ? seen : cameras).flatMap((c) => c.objects)
  // A person is listed as "display name reference"; the bench's reference is the person's id.
  const listed = kind === 'face' ? (listedText ?? '').split(' ').at(-1) : listedText
  return objects.some((o) => o.kind === kind && o.listed && bare(nameOf(o)) === bare(listed))
}

/** Ids of the cameras that show people. */
export const camerasWithPeople = (cameras) => cameras.filter((c) => c.objects.some((o) => o.kind === 'face')).map((c) => c.id)

/** Decides the alert on the terminal's card as the bench's truth says; all are confirmed where there is none. */
export async function decideCard(page, truth) {
  const card = await page.evaluate(() => ({ ...document.querySelector('.card')?.dataset }))
  if (!card.alertId) return
  const at = page.locator(`.card[data-alert-id="${card.alertId}"]`)
  if (!truth || isTrueHit(truth, card)) await at.locator('[data-action=confirm]').click()
  else {
    await at.locator('[data-action=reject]').click()
    await at.locator(`[data-reason=${card.kind === 'face' ? 'not_same_person' : 'not_same_plate'}]`).click()
  }
  await at.waitFor({ state: 'detached' })
}
