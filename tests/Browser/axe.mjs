// What axe-core finds against WCAG 2 A and AA on the page as it stands, serious or worse.
import axe from 'axe-core'

/** @returns a line for each kind of fault and element, at most five elements a kind. */
export async function seriousFaults(page) {
  // Evaluated, not added as a script: the page's own policy takes none.
  await page.evaluate((source) => globalThis.axe === undefined && globalThis.eval(source), axe.source).catch(() => page.evaluate(axe.source))
  const violations = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations'] })
    return violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => ({ id: v.id, nodes: v.nodes.slice(0, 5).map((n) => n.html.slice(0, 140)) }))
  })
  return violations.flatMap(({ id, nodes }) => nodes.map((html) => `${id}: ${html}`))
}
