// The field pages as looks.test.mjs sees them: each screen full, empty and refused.
import { postsBecome, someOperation } from './field-fixture.mjs'

export async function lookAtPatrol(page, fixture, look) {
  await page.click('[data-tab=patrol]')
  await page.waitForSelector('[data-item=gate]')
  await page.click('[data-item=gate] button')
  await page.click('[data-action=who]')
  await page.waitForSelector('[data-who]')
  await look('patrol progress')
  await page.click('[data-mode=history]')
  await page.waitForSelector('[data-day]')
  await look('patrol history')
  await page.click('[data-mode=plans]')
  await page.waitForSelector('[data-plan]')
  await look('patrol plans')
  await page.click('[data-mode=visibility]')
  await page.waitForSelector('[name=beat]')
  await page.selectOption('[name=beat]', 'east-day/beat-1')
  await page.waitForSelector('[data-cell]')
  await look('police visibility')
}

export async function lookAtContainment(page, fixture, look) {
  await page.click('[data-tab=containment]')
  await page.waitForSelector('.field-body .empty')
  await look('containment, none')
  await page.click('[data-action=new-cordon]')
  await page.fill('[name=latitude]', '39.909')
  await page.fill('[name=longitude]', '116.4')
  await page.click('[data-action=propose]')
  await page.waitForSelector('[data-draft-post]')
  await page.click('[data-action=confirm-cordon]')
  await page.waitForSelector('.field-body [role=alert]')
  await look('containment, proposed and refused')
  await page.click('[data-action=cancel-cordon]')
  fixture.field.operations = [someOperation()]
  postsBecome(fixture.field, fixture.broadcast, ['open', 'held', 'held', 'open'])
  await page.waitForSelector('[data-post=p2][data-state=held]')
  await look('containment, followed')
}
